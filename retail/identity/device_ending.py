"""When a device may be revoked: not while it has told of records that the server doesn't have, unless it is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping

from retail.identity.device_errors import StillUnsent
from retail.identity.errors import OwnersOnly
from retail.identity.lasting import is_owner
from retail.runtime.db import Tx


async def refuse_unsent(tx: Tx, known: Mapping[str, object], *, lost: bool) -> dict[str, object]:
    """Refuse to revoke a device with unsent records; as `lost` an owner may. Gives what the audit trail keeps of it.

    Raises StillUnsent, OwnersOnly.
    """
    told = json.loads(str(known["health"]))
    waiting = int(told.get("waiting") or 0)
    if waiting and not lost:
        raise StillUnsent(str(known["name"]), waiting)
    if not lost:
        return {}
    if not await is_owner(tx):
        raise OwnersOnly
    return {"device_lost": True, "unsent": waiting, "unsent_minor": told.get("waiting_minor", 0)}

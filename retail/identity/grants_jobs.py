"""What happens by itself when a grant begins or ends: open screens prove their rights again at that moment."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from retail.runtime.db import Database
from retail.runtime.jobs import job
from retail.runtime.realtime.access import AccessChanged
from retail.runtime.tenancy import Scope

RIGHTS_TURN: Final = "identity.rights_turn"


@job(RIGHTS_TURN)
async def rights_turn(db: Database, scope: Scope, *, person: str) -> None:
    """Tell the sockets of a tenant that somebody's rights are others from now on."""
    async with db.begin(scope) as tx:
        tx.emit(AccessChanged(UUID(person)))

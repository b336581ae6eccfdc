"""What may need somebody now, on the page Today: each a number and the way there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from retail.analytics import panels
from retail.analytics.pocket.badges import approvals_for
from retail.analytics.rules import Window
from retail.identity.permissions import APPROVE
from retail.runtime.db import Read


async def at_once(read: Read, windows: Sequence[Window], low: int) -> dict[str, Any]:
    """Give the numbers, beside how many products are low; `approvals` is None for who may not give any."""
    online, tills = await panels.tills_online(read, windows)
    return {
        "approvals": await approvals_for(read) if read.scope.may(APPROVE) else None,
        "low": low,
        "online": online,
        "tills": tills,
        "shifts": (await panels.open_tills(read, windows))[1],
    }

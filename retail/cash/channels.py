"""Live shifts: who looks at their list hears when one is opened, counted or closed, or cash moves in it."""

from __future__ import annotations

from typing import Final

from retail.cash.events import CashMoved, ShiftEnded, ShiftOpened
from retail.identity.permissions import VIEW_SHIFTS
from retail.runtime.realtime.channels import Channel, Facts


def _which(event: ShiftOpened | ShiftEnded | CashMoved) -> Facts:
    return {"shift": str(event.shift), "store": str(event.store)}


CHANNELS: Final = [
    Channel(event, "shifts", "shifts.changed", VIEW_SHIFTS, facts=_which, by_store=True)
    for event in (ShiftOpened, ShiftEnded, CashMoved)
]

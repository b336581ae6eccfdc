"""Cash: a drawer belongs to a shift from its float to its count; what is missing is known to the minor unit.

One open shift per till. `open_shift`, `move_cash`, `open_drawer` and `close_shift` repeat safely: the same id with the
same content gives the first result. A feature that takes cash in the same transaction calls `hold_shift`; the one that
closes calls `lock_shift` before it adds up the takings, so that no sale slips in between.
"""

from __future__ import annotations

from retail.cash.errors import NoSuchShift, ShiftClosed, ShiftOpen
from retail.cash.events import CashMoved, DrawerOpened, ShiftEnded, ShiftOpened
from retail.cash.moves import move_cash, open_drawer
from retail.cash.operations import close_shift, open_shift
from retail.cash.queries import drawer_minor, hold_shift, lock_shift, open_shift_on, shift, z_report
from retail.cash.rules import CashMove, Shift, Takings, ZReport, expected_minor

__all__ = [
    "CashMove",
    "CashMoved",
    "DrawerOpened",
    "NoSuchShift",
    "Shift",
    "ShiftClosed",
    "ShiftEnded",
    "ShiftOpen",
    "ShiftOpened",
    "Takings",
    "ZReport",
    "close_shift",
    "drawer_minor",
    "expected_minor",
    "hold_shift",
    "lock_shift",
    "move_cash",
    "open_drawer",
    "open_shift",
    "open_shift_on",
    "shift",
    "z_report",
]

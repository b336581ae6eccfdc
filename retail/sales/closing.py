"""Counting and closing a shift: its takings are known here, where sales are, and counted by the drawer's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from retail.cash import Shift, ZReport, close_shift, expected_minor, lock_shift
from retail.cash.counting import Count, NewCount, record_count
from retail.cash.queries import cash_sums, drawer_openings
from retail.cash.rules import report_of, visible
from retail.cash.standards import cash_rules
from retail.identity.permissions import VIEW_SHIFTS
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Scope
from retail.sales.takings import takings


async def close(  # noqa: PLR0917 - a closing has these facts
    tx: Tx,
    shift: UUID,
    counted_minor: int,
    denominations: Mapping[str, int] | None,
    at: datetime,
    left_minor: int = 0,
) -> ZReport:
    """Count a drawer and end its shift; the same count again gives the first report.

    Locks the shift, so that sales on their way are in the takings or marked as after closing, never neither.
    Raises NoSuchShift, ShiftClosed, Invalid.
    """
    await lock_shift(tx, shift)
    sold = await takings(tx, shift)
    return await close_shift(tx, shift, counted_minor, denominations, at, sold, left_minor)


async def count_blind(tx: Tx, shift: UUID, new: NewCount) -> Count:
    """Keep a blind count; whether another one is asked for depends on the store's tolerance, and is all that is said.

    Locks the shift. Raises NoSuchShift, ShiftClosed, Invalid, IdempotencyConflict.
    """
    held = await lock_shift(tx, shift)
    standards = await cash_rules(tx, held.store)
    return await record_count(tx, shift, new, await expected_now(tx, held), standards.tolerance_minor)


async def expected_now(read: Read, shift: Shift) -> int:
    """Say what should be in the drawer of an open shift, in minor units."""
    sold = await takings(read, shift.id)
    return expected_minor(shift.opening_float_minor, sold.cash_net_minor, await cash_sums(read, shift.id))


async def so_far(read: Read, shift: Shift) -> dict[str, Any]:
    """Write what an open shift has come to: the part of its Z report that is known before the count.

    Nothing is locked; in one snapshot its sums fit each other.
    """
    moves = await cash_sums(read, shift.id)
    return report_of(shift, await takings(read, shift.id), moves, await drawer_openings(read, shift.id))


async def shown_report(read: Read, scope: Scope, z: ZReport, store: UUID) -> dict[str, Any]:
    """Give a Z report as somebody may see it: without the variance where the store keeps it for managers."""
    if scope.may(VIEW_SHIFTS) or (await cash_rules(read, store)).variance_for_all:
        return dict(z.report)
    return visible(z.report)

"""Everything that is known of one shift, for its page and its papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from retail.cash import listing, queries
from retail.cash.acceptance import Acceptance, acceptances
from retail.cash.causes import Cause
from retail.cash.counting import Count, counts
from retail.cash.evidence import causes
from retail.cash.listing import DrawerOpening
from retail.cash.rules import CashMove, Shift, ZReport, denominations_of
from retail.cash.sealing import Seal, seals
from retail.cash.supplements import Supplement, supplements
from retail.runtime.db import Read
from retail.runtime.tenancy import TenantFacts


@dataclass(frozen=True, slots=True)
class Drawer:
    """A shift with all that hangs on it; `z` is None and the rest empty while it is open."""

    shift: Shift
    z: ZReport | None
    moves: Sequence[CashMove]
    openings: Sequence[DrawerOpening]
    counts: Sequence[Count]
    causes: Sequence[Cause]
    acceptances: Sequence[Acceptance]
    supplements: Sequence[Supplement]
    seals: dict[int, Seal]

    @property
    def variance_minor(self) -> int:
        """Give the variance as the supplements correct it."""
        return 0 if self.z is None else self.z.variance_minor - sum(one.cash_minor for one in self.supplements)


async def drawer(read: Read, tenant: TenantFacts, id: UUID) -> Drawer:
    """Read a shift with all that hangs on it. Raises NoSuchShift."""
    return Drawer(
        await queries.shift(read, id),
        await queries.z_report(read, id),
        await queries.cash_moves(read, id),
        await listing.drawer_events(read, id),
        await counts(read, id),
        (await causes(read, tenant, [id])).get(id, []),
        await acceptances(read, [id]),
        await supplements(read, id),
        await seals(read, id),
    )


def facts(known: Drawer) -> dict[str, Any]:
    """Give what the templates of a shift name."""
    return {
        "shift": known.shift,
        "z": known.z,
        "moves": known.moves,
        "openings": known.openings,
        "counts": known.counts,
        "causes": known.causes,
        "acceptances": known.acceptances,
        "supplements": known.supplements,
        "seals": known.seals,
        "corrected": known.variance_minor,
        "pieces": denominations_of(known.z.denominations) if known.z else [],
        "opening_pieces": denominations_of(known.shift.opening_denominations),
    }

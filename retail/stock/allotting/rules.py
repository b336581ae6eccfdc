"""How what is on hand is shared out among tills; pure. docs/algorithms/allotments.md, 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

WAYS: Final = ("sales", "hand")
"""By what each till sold in the last 28 days, or as somebody wrote it down."""
WHOLE: Final = 1000


@dataclass(frozen=True, slots=True)
class Claimant:
    """A till that wants its share, in thousandths: what it has, wants by hand, and sold in 28 days.

    `away`: nobody can tell it of another share, so it keeps what it has.
    """

    till: UUID
    has: int = 0
    wants: int = 0
    sold: int = 0
    away: bool = False


def shares(free: int, way: str, tills: Sequence[Claimant], step: int = WHOLE) -> dict[UUID, int]:
    """Share out what is free, in thousandths and whole steps; never more than that altogether, and none below zero.

    Tills that are away come first and keep what they have, as far as it goes. The others get what is left: by hand in
    their order, as much as each wants; by sales in proportion, and all alike where none of them sold any.
    """
    left = max(free, 0) // step * step
    found: dict[UUID, int] = {}
    for one in tills:
        if one.away:
            found[one.till] = min(one.has // step * step, left)
            left -= found[one.till]
    here = [one for one in tills if not one.away]
    if way == "hand":
        for one in here:
            found[one.till] = min(one.wants // step * step, left)
            left -= found[one.till]
        return found
    return found | _in_proportion(left // step, {one.till: one.sold for one in here}, step)


def _in_proportion(steps: int, weights: Mapping[UUID, int], step: int) -> dict[UUID, int]:
    """Give whole steps by weight: rounded down, and the rest one by one to who is furthest below, the first first."""
    weighed = weights if any(weights.values()) else dict.fromkeys(weights, 1)
    every = sum(weighed.values())
    if not every:
        return {}
    given = {till: steps * weight // every for till, weight in weighed.items()}
    behind = sorted(weighed, key=lambda till: -(steps * weighed[till] % every))
    for till in behind[: steps - sum(given.values())]:
        given[till] += 1
    return {till: count * step for till, count in given.items()}

"""How risky a receipt is, from 0 to 100, as a sum of reasons: docs/algorithms/risk.md, 7; pure.

Every part only ever adds, and a larger amount, discount or count never takes away: so a score can be explained part by
part, and the same facts beside the same usual always give the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from retail.kit.money import mul_div
from retail.sales.risks import Reason

MOST: Final = 100
MIDDLE: Final = 30
HIGH: Final = 60
"""From so many points on a score is middle, or high; what was found of alerts moves the latter (`mark`)."""

LEAST_SALES: Final = 300
LEAST_RARE: Final = 40
"""Receipts are compared once a store has made so many of them: sales; refunds, or sales with a discount by hand."""
AMOUNT: Final = (5, 10, 15)
DISCOUNT: Final = (8, 14, 20)
"""Points for more than 95, 99, and 99.5 in a hundred."""
PLAIN_DISCOUNT: Final = (200, 400, 600)
"""Until a store's own discounts by hand can be compared: these thousandths of the price."""
BEYOND: Final = (50, 10, 5)
"""Of a thousand so many are larger than each mark."""
RARE_HOUR: Final = 2
RARE_TENDER: Final = 10
"""In a thousand sales."""
MUCH_VOIDED: Final = 40
"""Lines taken out, in a hundred of all that were in the basket."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What a store usually sells: how many, by hour and tender; amounts and discounts that 5, 1 and 0.5 % exceed."""

    sales: int = 0
    refunds: int = 0
    discounts: int = 0
    sale_marks: Sequence[int] = ()
    refund_marks: Sequence[int] = ()
    discount_marks: Sequence[int] = ()
    hours: Mapping[int, int] = field(default_factory=dict)
    tenders: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule of the till that this receipt is evidence of; `answered`: what it asks for stands beside the receipt."""

    kind: str
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Habit:
    """How much oftener than the others its cashier does this, and the chance of that."""

    measure: str
    times: Decimal
    chance: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a receipt; amounts in minor units and never below zero, shares in thousandths."""

    refund: bool
    amount: int
    hour: int
    by_hand: int = 0
    listed: int = 0
    below_cost: bool = False
    tenders: frozenset[str] = frozenset()
    lines: int = 0
    voided: int = 0
    late_voids: int = 0
    fired: tuple[Fired, ...] = ()
    blind: bool = False
    own: bool = False
    cash_for: str = ""
    """What was paid otherwise and goes back in cash: its tender."""
    habits: tuple[Habit, ...] = ()

    @property
    def discount(self) -> int:
        """Give what was taken off by hand, in thousandths of the price."""
        return mul_div(self.by_hand, 1000, self.listed) if self.listed > 0 else 0


@dataclass(frozen=True, slots=True)
class Scored:
    """A receipt's score, and what it is made of, the heaviest first."""

    points: int
    reasons: tuple[Reason, ...]

    def level(self, high: int = HIGH) -> str:
        """Name how high it is."""
        return "high" if self.points >= high else "middle" if self.points >= MIDDLE else "low"


def score(facts: Facts, usual: Usual) -> Scored:
    """Add up what speaks for looking at a receipt; at most 100."""
    found = [*_acts(facts), *_tops(facts, usual), *_times(facts, usual)]
    return Scored(
        min(MOST, sum(one.points for one in found)), tuple(sorted(found, key=lambda one: (-one.points, one.code)))
    )


def _acts(facts: Facts) -> Iterator[Reason]:
    """Give the reasons that need nobody to be compared with."""
    for one in facts.fired:
        yield Reason("rule", 20, {"rule": one.kind})
        if not one.answered:
            yield Reason("unanswered", 15, {"rule": one.kind})
    if facts.refund:
        yield from _refunds(facts)
    if facts.below_cost:
        yield Reason("below_cost", 25)
    if facts.voided and 100 * facts.voided >= MUCH_VOIDED * (facts.lines + facts.voided):
        yield Reason("voids", 20, {"voided": facts.voided, "lines": facts.lines + facts.voided})
    if facts.late_voids:
        yield Reason("late_voids", 15, {"voided": facts.late_voids})
    if facts.habits:
        rarest = min(facts.habits, key=lambda one: (one.chance, one.measure))
        points = 15 if rarest.chance <= Decimal("0.001") else 8
        yield Reason("habit", points, {"measure": rarest.measure, "times": str(rarest.times)})


def _refunds(facts: Facts) -> Iterator[Reason]:
    if facts.blind:
        yield Reason("blind", 30)
        if "cash" in facts.tenders:
            yield Reason("blind_cash", 15)
    if facts.own:
        yield Reason("own", 10)
    if facts.cash_for:
        yield Reason("other_tender", 15, {"tender": facts.cash_for})


def _tops(facts: Facts, usual: Usual) -> Iterator[Reason]:
    """Give the reasons that lie in how large it is."""
    known, marks = (usual.refunds, usual.refund_marks) if facts.refund else (usual.sales, usual.sale_marks)
    enough = known >= (LEAST_RARE if facts.refund else LEAST_SALES)
    if enough and (step := _step(facts.amount, marks)) is not None:
        yield Reason("amount", AMOUNT[step], {"amount": facts.amount, "mark": marks[step], "beyond": BEYOND[step]})
    own = usual.discounts >= LEAST_RARE
    limits = usual.discount_marks if own else PLAIN_DISCOUNT
    if facts.by_hand and (step := _step(facts.discount, limits)) is not None:
        told = {"share": facts.discount, "mark": limits[step], "beyond": BEYOND[step] if own else 0}
        yield Reason("discount", DISCOUNT[step], told)


def _times(facts: Facts, usual: Usual) -> Iterator[Reason]:
    """Give the reasons that lie in when, and by what, it was paid."""
    if usual.sales < LEAST_SALES:
        return
    seldom = mul_div(usual.hours.get(facts.hour, 0), 1000, usual.sales)
    if seldom <= RARE_HOUR:
        yield Reason("hour", 10, {"hour": facts.hour, "often": seldom})
    known = sum(usual.tenders.values())
    if not facts.refund and facts.tenders and known:
        rarest = min(facts.tenders, key=lambda one: (usual.tenders.get(one, 0), one))
        often = mul_div(usual.tenders.get(rarest, 0), 1000, known)
        if often <= RARE_TENDER:
            yield Reason("tender", 5, {"tender": rarest, "often": often})


def _step(value: int, marks: Sequence[int]) -> int | None:
    """Give the highest mark that a value exceeds."""
    return max((at for at, mark in enumerate(marks) if value > mark), default=None)


def facts_json(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Write reasons as they are kept."""
    return [{"code": one.code, "points": one.points, **one.facts} for one in reasons]

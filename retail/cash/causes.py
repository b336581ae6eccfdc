"""Likely causes of a variance: rules that say what would explain exactly this amount; pure.

Each rule is described, with its weight, in docs/algorithms/shifts.md, 4. They guess; a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from retail.cash.rules import SIGN
from retail.kit.text import _

MOST: Final = 5
CASH: Final = "cash"
_NAMED_RECEIPTS: Final = 3
_RULES: Final = ("slip", "tender", "float", "move_twice", "move_turned", "usual_move", "piece", "roll", "round")
CODES: Final = (*_RULES, "other")
_Money = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Paid:
    """A tender of the shift: what kind, net of change, and the receipt it stands on."""

    type: str
    amount_minor: int
    receipt: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Cash that moved without a sale; `days`: on how many earlier days just so much moved for that reason."""

    kind: str
    amount_minor: int
    reason: str
    days: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a closed drawer. All amounts in minor units; `pieces` are the denominations counted."""

    expected_minor: int
    counted_minor: int
    opening_float_minor: int = 0
    opening_difference_minor: int = 0
    pieces: Mapping[str, int] | None = None
    tenders: Sequence[Paid] = ()
    moves: Sequence[Moved] = ()
    usual: Sequence[Moved] = ()
    coins: Sequence[int] = ()
    notes: Sequence[int] = ()
    rolls: Mapping[int, int] = field(default_factory=dict)
    unit_minor: int = 100

    @property
    def variance(self) -> int:
        """Give counted minus expected."""
        return self.counted_minor - self.expected_minor


@dataclass(frozen=True, slots=True)
class Cause:
    """What may have happened: the rule's code, how likely it is beside the others, and a sentence for people."""

    code: str
    weight: int
    sentence: str


def causes_of(evidence: Evidence, money: _Money) -> list[Cause]:
    """Give the likeliest causes of a variance, the best first; none where there is no variance."""
    if evidence.variance == 0:
        return []
    found = [cause for rule in _all_rules() for cause in rule(evidence, money)]
    return sorted(found, key=lambda one: (-one.weight, _RULES.index(one.code)))[:MOST]


def _all_rules() -> tuple[Callable[[Evidence, _Money], Iterator[Cause]], ...]:
    return (_slip, _tender, _float, _move_twice, _move_turned, _usual_move, _piece, _roll, _round)


def _slip(of: Evidence, money: _Money) -> Iterator[Cause]:
    """Find two neighbouring digits that were swapped when the count was typed: the whole sum, or one kind's pieces."""
    if of.pieces is None:
        if of.variance % 9 == 0 and of.expected_minor in _swapped(of.counted_minor):
            said = _("Two digits may be swapped: %(counted)s was typed, %(expected)s would be right.")
            yield Cause("slip", 90, said % {"counted": money(of.counted_minor), "expected": money(of.expected_minor)})
        return
    for value, pieces in of.pieces.items():
        for meant in _swapped(pieces):
            if (pieces - meant) * int(value) == of.variance:
                said = _(
                    "Two digits may be swapped: %(pieces)d \u00d7 %(value)s was typed, %(meant)d \u00d7 would be right."
                )
                yield Cause("slip", 90, said % {"pieces": pieces, "value": money(int(value)), "meant": meant})


def _swapped(number: int) -> set[int]:
    digits = str(number)
    made = {digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(len(digits) - 1)}
    return {int(one) for one in made} - {number}


def _tender(of: Evidence, money: _Money) -> Iterator[Cause]:
    """Find receipts of just this amount that were paid the other way than they were rung up."""
    over = of.variance > 0
    receipts = sorted(
        {one.receipt for one in of.tenders if one.amount_minor == abs(of.variance) and (one.type != CASH) == over}
    )
    if not receipts:
        return
    if over:
        said = _("Receipt %(receipts)s: %(amount)s was rung up as card or other, and may have been paid in cash.")
    else:
        said = _("Receipt %(receipts)s: %(amount)s was rung up as cash, and may have been paid by card.")
    shown = ", ".join(str(one) for one in receipts[:_NAMED_RECEIPTS])
    named = shown + (" …" if len(receipts) > _NAMED_RECEIPTS else "")
    weight = max(40, 85 - 10 * (len(receipts) - 1))
    yield Cause("tender", weight, said % {"receipts": named, "amount": money(abs(of.variance))})


def _float(of: Evidence, money: _Money) -> Iterator[Cause]:
    if of.opening_difference_minor and of.variance == -of.opening_difference_minor:
        said = _("The float may have been typed wrong: it differed by %(amount)s from what the last close left.")
        yield Cause("float", 80, said % {"amount": money(of.opening_difference_minor)})
    elif of.opening_float_minor and of.variance == -of.opening_float_minor:
        said = _("The float of %(amount)s may have been taken out before the count.")
        yield Cause("float", 80, said % {"amount": money(of.opening_float_minor)})
    elif of.opening_float_minor and of.variance == of.opening_float_minor:
        said = _("A second float of %(amount)s may have been counted along.")
        yield Cause("float", 80, said % {"amount": money(of.opening_float_minor)})


def _move_twice(of: Evidence, money: _Money) -> Iterator[Cause]:
    for one in of.moves:
        if -SIGN[one.kind] * one.amount_minor == of.variance:
            said = _("%(amount)s for “%(reason)s” may be written down twice, or not have been done.")
            yield Cause("move_twice", 75, said % {"amount": money(one.amount_minor), "reason": one.reason})
            return


def _move_turned(of: Evidence, money: _Money) -> Iterator[Cause]:
    for one in of.moves:
        if -SIGN[one.kind] * 2 * one.amount_minor == of.variance:
            said = _("%(amount)s for “%(reason)s” may be written down the wrong way round.")
            yield Cause("move_turned", 70, said % {"amount": money(one.amount_minor), "reason": one.reason})
            return


def _usual_move(of: Evidence, money: _Money) -> Iterator[Cause]:
    fitting = [one for one in of.usual if SIGN[one.kind] * one.amount_minor == of.variance]
    if fitting:
        one = max(fitting, key=lambda move: (move.days, move.reason))
        said = _("%(amount)s for “%(reason)s” may be missing: it was written down on %(days)d of the last 28 days.")
        facts = {"amount": money(one.amount_minor), "reason": one.reason, "days": one.days}
        yield Cause("usual_move", min(80, 60 + 5 * one.days), said % facts)


def _piece(of: Evidence, money: _Money) -> Iterator[Cause]:
    amount = abs(of.variance)
    kinds = sorted({*of.coins, *of.notes}, reverse=True)
    if amount not in kinds:
        return
    weight = max(20, 50 - 2 * kinds.index(amount))
    if amount in of.notes:
        said = _("One note of %(amount)s too few: too much change, or missed in the count.")
        said = _("One note of %(amount)s too many: too little change, or counted twice.") if of.variance > 0 else said
    else:
        said = _("One coin of %(amount)s too few: too much change, or missed in the count.")
        said = _("One coin of %(amount)s too many: too little change, or counted twice.") if of.variance > 0 else said
    yield Cause("piece", weight, said % {"amount": money(amount)})


def _roll(of: Evidence, money: _Money) -> Iterator[Cause]:
    for coin, pieces in sorted(of.rolls.items(), reverse=True):
        if coin * pieces == abs(of.variance):
            said = _("A roll of %(pieces)d \u00d7 %(coin)s may be missing, or not be written down as brought.")
            yield Cause("roll", 45, said % {"pieces": pieces, "coin": money(coin)})
            return


def _round(of: Evidence, money: _Money) -> Iterator[Cause]:
    if abs(of.variance) % (5 * of.unit_minor) == 0:
        said = (
            _("%(amount)s is a round amount: a cash-out may not be written down.")
            if of.variance < 0
            else _("%(amount)s is a round amount: a cash-in may not be written down.")
        )
        yield Cause("round", 30, said % {"amount": money(abs(of.variance))})

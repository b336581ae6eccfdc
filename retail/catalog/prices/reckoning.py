"""New prices from old ones: plus or minus a part or an amount, a margin, and the ending that shops like; pure.

docs/algorithms/prices.md, section 5. Amounts are whole minor units; parts and margins are basis points: 500 is 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from retail.kit.money import Currency, mul_div

WHOLE: Final = 10_000
MILLION: Final = 1_000_000
MOST_PRICE_MINOR: Final = 100_000_000

Kind = Literal["percent", "amount", "margin", "exact"]
KINDS: Final[tuple[Kind, ...]] = ("percent", "amount", "margin", "exact")
RESTING: Final = ("percent", "amount")
"""Kinds of rules that say what becomes of a price; the others don't ask what it was."""
Problem = Literal["no_cost", "below_zero", "too_much", "free"]


@dataclass(frozen=True, slots=True)
class Ending:
    """Prices that leave `rest` when divided by `step`: 99 of 100 is ".99", 0 of 5 is steps of 0.05."""

    step: int
    rest: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How a price is changed: by basis points, by an amount, to a margin or to an exact price; then its ending.

    `free`: a price of 0 is meant; without it one that would become so stays as it is.
    """

    kind: Kind
    value: int
    ending: Ending | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A product as a rule sees it; `cost` in minor units with up to six decimals, 0 where it isn't known."""

    price_minor: int
    cost: Decimal
    tax_micros: int
    prices_include_tax: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule makes of a price; with a problem the price stays as it is."""

    price_minor: int
    problem: Problem | None = None


def rule_of(kept: Mapping[str, Any]) -> Rule:
    """Read a rule as it is kept: {"kind", "value", "ending", "free"}."""
    ending = Ending(**kept["ending"]) if kept["ending"] else None
    return Rule(kept["kind"], kept["value"], ending, kept.get("free", False))


def propose(rule: Rule, subject: Subject) -> Proposal:
    """Work out a product's new price."""
    if rule.kind == "margin" and not subject.cost:
        return Proposal(subject.price_minor, "no_cost")
    if rule.kind == "percent" and not subject.price_minor:
        return Proposal(0)  # a part of nothing is nothing, and no ending makes a price of it
    raw = _raw(rule, subject)
    price = raw
    if rule.ending is not None and raw >= 0:
        price = ended(raw, rule.ending)
        lowers = rule.kind in {"percent", "amount"} and rule.value > 0 and price < subject.price_minor
        if rule.kind == "margin" or lowers:  # a margin is to be reached, and a raise never lowers
            price = ended_above(raw, rule.ending)
    if price < 0:
        return Proposal(subject.price_minor, "below_zero")
    if price > MOST_PRICE_MINOR:
        return Proposal(subject.price_minor, "too_much")
    if price == 0 and subject.price_minor > 0 and not rule.free:
        return Proposal(subject.price_minor, "free")
    return Proposal(price)


def goes_against(rule: Rule, price_minor: int, after: Proposal) -> bool:
    """Claim that a cut comes out higher than the price was: an ending can do that to small prices."""
    if rule.kind not in {"percent", "amount"} or after.problem is not None:
        return False
    return rule.value < 0 and after.price_minor > price_minor


def goes_too_far(rule: Rule, price_minor: int, after: Proposal) -> bool:
    """Claim that a price moves by more than twice what the rule says: an ending can do that to small prices."""
    if rule.kind not in {"percent", "amount"} or after.problem is not None:
        return False
    moved, said = (after.price_minor - price_minor) * WHOLE, rule.value * WHOLE
    if rule.kind == "percent":
        said = rule.value * price_minor
    return moved * rule.value > 0 and abs(moved) > 2 * abs(said)


def ended(price_minor: int, ending: Ending) -> int:
    """Give the nearest price with the ending, of two the higher one; never below the ending itself."""
    return max(0, (2 * (price_minor - ending.rest) + ending.step) // (2 * ending.step)) * ending.step + ending.rest


def ended_above(price_minor: int, ending: Ending) -> int:
    """Give the lowest price with the ending that is no lower."""
    return max(0, -((ending.rest - price_minor) // ending.step)) * ending.step + ending.rest


def margin(price_minor: int, cost: Decimal, tax_micros: int, *, prices_include_tax: bool) -> int | None:
    """Give the part of the price without tax that stays after the cost, in basis points; None where nothing is known.

    Below zero where it is sold at a loss.
    """
    if not cost or price_minor <= 0:
        return None
    under = MILLION + tax_micros if prices_include_tax else MILLION
    # (net - cost) / net with net = price * 10^6 / under, in whole numbers: cost has six decimals
    net = price_minor * MILLION * MILLION
    spent = int(cost.scaleb(6)) * under
    return mul_div(net - spent, WHOLE, net)


def endings(money: Currency) -> dict[str, Ending]:
    """Give the endings that make sense in a currency, by the key that a form sends."""
    if money.exponent == 0:
        return {"10": Ending(10, 0), "50": Ending(50, 0), "100": Ending(100, 0), "x99": Ending(100, 99)}
    whole = 10**money.exponent
    cent = whole // 100
    return {
        ".99": Ending(whole, 99 * cent),
        ".95": Ending(whole, 95 * cent),
        ".49": Ending(whole // 2, 49 * cent),
        "0.05": Ending(5 * cent, 0),
        "0.10": Ending(10 * cent, 0),
        "1": Ending(whole, 0),
    }


def _raw(rule: Rule, subject: Subject) -> int:
    if rule.kind == "percent":
        return mul_div(subject.price_minor, WHOLE + rule.value, WHOLE)
    if rule.kind == "amount":
        return subject.price_minor + rule.value
    if rule.kind == "exact":
        return rule.value
    tax = MILLION + subject.tax_micros if subject.prices_include_tax else MILLION
    exact, under = int(subject.cost.scaleb(6)) * WHOLE * tax, MILLION * MILLION * (WHOLE - rule.value)
    return -(-exact // under)  # up to the next whole one: a part of it less, and the margin is missed

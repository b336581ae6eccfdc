"""Which price holds: docs/algorithms/prices.md, sections 1, 3 and 4, exactly; pure.

Amounts are whole minor units, quantities whole thousandths, rates of tax millionths, rates of exchange billionths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

from retail.catalog.prices.windows import DAY_MINUTES, EVERY_DAY, Window
from retail.kit.money import Currency, currency, mul_div

MILLION: Final = 1_000_000
BILLION: Final = 1_000_000_000

Verdict = Literal["chosen", "outranked", "other_store", "other_group", "closed", "quantity", "no_rate"]


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list: for which stores (None: all) and group of customers (None: everybody), when, in which currency.

    `includes_tax` None: as the business's own prices do. A higher `priority` goes first.
    """

    id: UUID
    name: str
    currency: str
    includes_tax: bool | None
    stores: frozenset[UUID] | None
    group: str | None
    window: Window
    priority: int


@dataclass(frozen=True, slots=True)
class Offer:
    """What a list asks for one unit of a product, in the list's own money, from a quantity on."""

    of: PriceList
    price_minor: int
    min_milli: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """How the business prices, and its rates of exchange: currency -> [(from this day on, billionths)], by day.

    A rate says how many of the business's own money one of the foreign is worth.
    """

    money: Currency
    prices_include_tax: bool
    rates: Mapping[str, Sequence[tuple[date, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who buys how much, where, at which moment on the store's clock."""

    store: UUID
    local: datetime
    group: str | None = None
    quantity_milli: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one list's offer: its price in the business's money, and why it holds or doesn't."""

    of: PriceList
    price_minor: int | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Resolved:
    """The price that holds, the list it comes from (None: the product's own), and what became of each offer."""

    price_minor: int
    of: PriceList | None
    steps: tuple[Step, ...]


def resolve(base_minor: int, offers: Sequence[Offer], occasion: Occasion, terms: Terms, tax_micros: int) -> Resolved:
    """Say which price holds and why: prices.md, section 1. `tax_micros` is the product's own rate of tax."""
    steps = []
    standing: list[tuple[tuple[int, int, int, int, str], Step]] = []
    for offer in _best_steps(offers, occasion.quantity_milli):
        refused = _refusal(offer, occasion)
        price = in_own_money(offer, terms, occasion.local.date(), tax_micros)
        if refused is None and price is not None:
            standing.append((rank(offer.of, price), Step(offer.of, price, "outranked")))
        else:
            steps.append(Step(offer.of, price, refused or "no_rate"))
    standing.sort(key=lambda one: one[0])
    if not standing:
        return Resolved(base_minor, None, tuple(steps))
    winner = standing[0][1]
    chosen = Step(winner.of, winner.price_minor, "chosen")
    price = winner.price_minor if winner.price_minor is not None else base_minor
    return Resolved(price, winner.of, (chosen, *(step for _rank, step in standing[1:]), *steps))


def rank(of: PriceList, price_minor: int) -> tuple[int, int, int, int, str]:
    """Give what offers are sorted by: priority, then the narrower list, then the lower price, then the list's id."""
    return -of.priority, int(of.group is None), int(of.stores is None), price_minor, str(of.id)


def holds(of: PriceList, occasion: Occasion) -> bool:
    """Tell whether a list holds there and then, for this customer."""
    return (
        (of.stores is None or occasion.store in of.stores)
        and (of.group is None or of.group == occasion.group)
        and of.window.is_open(occasion.local)
    )


def in_own_money(offer: Offer, terms: Terms, day: date, tax_micros: int) -> int | None:
    """Give an offer as the business's own prices are: its money, with or without tax; rounded once. None: no rate."""
    foreign = offer.of.currency != terms.money.code
    rate = rate_on(terms.rates.get(offer.of.currency, ()), day) if foreign else BILLION
    if rate is None:
        return None
    over, under = rate, BILLION
    if foreign:
        exponent = currency(offer.of.currency).exponent
        over, under = over * 10**terms.money.exponent, under * 10**exponent
    if offer.of.includes_tax is not None and offer.of.includes_tax != terms.prices_include_tax:
        with_tax = MILLION + tax_micros
        over, under = (
            (over * with_tax, under * MILLION) if terms.prices_include_tax else (over * MILLION, under * with_tax)
        )
    return mul_div(offer.price_minor, over, under)


def rate_on(rates: Sequence[tuple[date, int]], day: date) -> int | None:
    """Give the rate that holds on a day: the latest that has begun; None before the first."""
    return next((rate for begins, rate in reversed(rates) if begins <= day), None)


def overlap(one: PriceList, other: PriceList) -> bool:
    """Tell whether two lists of the same priority can hold at once, so that only the lower price decides.

    Weekdays and hours are compared as patterns: a hit means that some hour of the week belongs to both.
    """
    if one.priority != other.priority or one.group != other.group or (one.stores is None) != (other.stores is None):
        return False
    if one.stores is not None and other.stores is not None and not one.stores & other.stores:
        return False
    begin = max(one.window.starts_on or date.min, other.window.starts_on or date.min)
    end = min(one.window.ends_on or date.max, other.window.ends_on or date.max)
    return begin <= end and bool(week_of(one.window) & week_of(other.window))


def week_of(window: Window) -> int:
    """Give the minutes of a week that a window is open in, as the bits of one number."""
    if window.from_minute is None or window.to_minute is None:
        begin, length = 0, DAY_MINUTES
    else:
        begin = window.from_minute
        length = window.to_minute - begin if window.to_minute > begin else window.to_minute - begin + DAY_MINUTES
    minutes = 0
    for day in range(7):
        if (window.weekdays & EVERY_DAY) >> day & 1:
            minutes |= ((1 << length) - 1) << (day * DAY_MINUTES + begin)
    week = 7 * DAY_MINUTES
    return minutes & ((1 << week) - 1) | minutes >> week  # what runs past Sunday's midnight is Monday's


def _best_steps(offers: Sequence[Offer], quantity_milli: int) -> list[Offer]:
    """Keep one offer per list: the one for the largest quantity that is reached, else the one that needs least."""
    kept: dict[UUID, Offer] = {}
    for offer in sorted(offers, key=lambda one: one.min_milli):
        if offer.of.id not in kept or offer.min_milli <= quantity_milli:
            kept[offer.of.id] = offer
    return list(kept.values())


def _refusal(offer: Offer, occasion: Occasion) -> Verdict | None:
    if offer.of.stores is not None and occasion.store not in offer.of.stores:
        return "other_store"
    if offer.of.group is not None and offer.of.group != occasion.group:
        return "other_group"
    if not offer.of.window.is_open(occasion.local):
        return "closed"
    return "quantity" if offer.min_milli > occasion.quantity_milli else None

"""What offers take off a basket: docs/algorithms/promotions.md, exactly and nothing else; pure.

kiosk/till/promotions.js is its twin, and both run tests/vectors/promotions.json. Amounts are whole minor units,
quantities whole thousandths, percentages basis points, moments milliseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, Literal

from retail.kit.money import MAX_MINOR, mul_div
from retail.promotions.basket import Cut, Goods, Item, Run, Shelf, take, total
from retail.promotions.conditions import Occasion, barred
from retail.promotions.kinds import KINDS, counted, goods_of, measures

PROMOTIONS_VERSION: Final = "1"

State = Literal["used", "time", "store", "group", "coupon", "goods", "few", "taken", "none"]


class OutOfRange(ValueError):
    """A basket of more than 10**15 minor units: an answer might not survive JSON."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it is used: ids are texts, `terms` its kind's, as docs/algorithms/promotions.md has them."""

    id: str
    version: int
    name: str
    kind: str
    terms: Mapping[str, Any]
    priority: int = 0
    exclusive: bool = True
    coupon: bool = False
    stores: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    starts: int | None = None
    ends: int | None = None
    windows: Sequence[Mapping[str, Any]] = ()
    least_pieces: int = 0
    least_spend: int = 0
    times: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What an offer takes off a line."""

    offer: str
    version: int
    amount: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an offer: how much it takes off, or why nothing; `missing` of pieces or of money to reach it."""

    offer: str
    state: State
    amount: int = 0
    missing_pieces: int = 0
    missing_spend: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What offers take off each line, in the order of the lines, and what became of each offer, in their order."""

    lines: tuple[tuple[Taken, ...], ...]
    verdicts: tuple[Verdict, ...]

    @property
    def amount(self) -> int:
        """Add up what is taken off."""
        return sum(one.amount for line in self.lines for one in line)


def apply_offers(items: Sequence[Item], offers: Sequence[Offer], occasion: Occasion) -> Outcome:
    """Work out what offers take off a basket. Raises OutOfRange."""
    shelf = Shelf.of(items)
    if shelf.worth > MAX_MINOR:
        raise OutOfRange
    taken: list[list[Taken]] = [[] for _ in items]
    verdicts: dict[str, Verdict] = {}
    allowed = []
    for offer in offers:
        why = barred(offer, occasion)
        if why:
            verdicts[offer.id] = Verdict(offer.id, why)  # type: ignore[arg-type]
        else:
            allowed.append(offer)
    for rivals in _ranks(allowed):
        _use(rivals, shelf, taken, verdicts)
    return Outcome(tuple(map(tuple, taken)), tuple(verdicts[offer.id] for offer in offers))


def _ranks(offers: Iterable[Offer]) -> list[list[Offer]]:
    """Put together those among which the larger amount decides, the older first; first things first."""
    ranks: dict[tuple[bool, int], list[Offer]] = {}
    for offer in sorted(offers, key=lambda one: one.id):
        ranks.setdefault((offer.kind == "basket", -offer.priority), []).append(offer)
    return [ranks[rank] for rank in sorted(ranks)]


def _use(rivals: list[Offer], shelf: Shelf, taken: list[list[Taken]], verdicts: dict[str, Verdict]) -> None:
    """Use the one that takes the most off, then look at the rest again on what is left."""
    found = {offer.id: (shelf.stamp, _try(offer, shelf)) for offer in rivals}
    left = list(rivals)
    while left:
        for offer in left:
            if shelf.touched(matching(offer, shelf), found[offer.id][0]):
                found[offer.id] = (shelf.stamp, _try(offer, shelf))
        best = max(left, key=lambda one: total(found[one.id][1]))  # of equals the first: the oldest
        cuts = found[best.id][1]
        if not total(cuts):
            break
        left.remove(best)
        for line, amount in sorted(take(shelf, cuts, exclusive=best.exclusive).items()):
            taken[line].append(Taken(best.id, best.version, amount))
        verdicts[best.id] = Verdict(best.id, "used", total(cuts))
    for offer in left:
        verdicts[offer.id] = _why_not(offer, shelf)


def _try(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Give what an offer would take off now, without taking it."""
    if offer.least_pieces or offer.least_spend:
        pieces, spend = measures(_open(offer, shelf))
        if pieces < offer.least_pieces or spend < offer.least_spend:
            return []
    cuts = KINDS[offer.kind](offer, shelf)
    return cuts if offer.most is None or total(cuts) <= offer.most else _capped(cuts, offer.most, shelf)


def _capped(cuts: list[Cut], most: int, shelf: Shelf) -> list[Cut]:
    """Keep an offer at its most: the pieces get their part of it."""
    paid: dict[tuple[int, int, int, int], Cut] = {}
    for cut in cuts:
        place = (-cut.run.value, shelf.places[cut.run.line], cut.run.taken, -cut.off)
        before = paid[place].count if place in paid else 0
        paid[place] = Cut(cut.run, before + cut.count, cut.off)
    parts = [(cut.run, cut.count, cut.off * cut.count) for _, cut in sorted(paid.items(), key=itemgetter(0)) if cut.off]
    return [*(cut for cut in cuts if not cut.off), *counted(parts, most)]


def matching(offer: Offer, shelf: Shelf) -> list[int]:
    """Give the lines that an offer could be about, wherever their pieces went."""
    return shelf.lines_of(offer.id, goods_of(offer))


def _open(offer: Offer, shelf: Shelf) -> list[Run]:
    """Give the pieces that count for an offer's conditions."""
    first: list[Goods] = [offer.terms["goods"]] if offer.kind == "buy_get" else goods_of(offer)
    return shelf.open(shelf.lines_of(f"{offer.id} 0", first), exclusive=offer.exclusive)


def _why_not(offer: Offer, shelf: Shelf) -> Verdict:
    """Say why an offer takes nothing off."""
    lines = matching(offer, shelf)
    if not lines:
        return Verdict(offer.id, "goods")
    runs = _open(offer, shelf)
    wanted = _wanted(offer)
    pieces, spend = measures(runs)
    if offer.kind == "basket":
        spend = sum(run.value * run.count for line in lines for run in shelf.runs[line])
    reached = offer.kind != "basket" or spend >= wanted[1]
    if not runs and reached and any(run.taken for line in lines for run in shelf.runs[line]):
        return Verdict(offer.id, "taken")
    more, dearer = max(0, wanted[0] - pieces), max(0, wanted[1] - spend)
    return Verdict(offer.id, "few" if more or dearer else "none", 0, more, dearer)


def _wanted(offer: Offer) -> tuple[int, int]:
    """Give how many pieces and how much money an offer takes at the least."""
    terms = offer.terms
    pieces = {"mix": "count", "buy_get": "buy"}.get(offer.kind)
    least, spend = terms[pieces] if pieces else 1, 0
    if offer.kind == "buy_get" and terms.get("get") is None:
        least += terms["free"]
    elif offer.kind == "meal":
        least = len(terms["slots"])
    elif offer.kind == "basket":
        least, spend = 0, terms["from"]
    elif offer.kind == "tiered":
        first = terms["tiers"][0]["from"]
        least, spend = (first, 0) if terms["by"] == "pieces" else (1, first)
    return max(least, offer.least_pieces), max(spend, offer.least_spend)


def worth(price: int, milli: int) -> int:
    """Give what a line costs before anything is taken off."""
    return mul_div(milli, price, 1000)

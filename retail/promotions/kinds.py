"""What each kind of offer takes off: docs/algorithms/promotions.md, section 2; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from retail.kit.money import allocate, mul_div
from retail.promotions.basket import MILLI, Cut, Goods, Run, Shelf, belongs, total

if TYPE_CHECKING:
    from retail.promotions.rules import Offer

WHOLE: Final = 10_000
ENDLESS: Final = 10**12


def goods_of(offer: Offer) -> list[Goods]:
    """Give all goods that an offer is about."""
    if offer.kind == "meal":
        return [slot["goods"] for slot in offer.terms["slots"]]
    get = offer.terms.get("get")
    return [offer.terms["goods"], get] if get is not None else [offer.terms["goods"]]


def measures(runs: Sequence[Run]) -> tuple[int, int]:
    """Give how many pieces there are, and what they cost."""
    return sum(run.count for run in runs), sum(run.count * run.value for run in runs)


def counted(parts: Sequence[tuple[Run, int, int]], amount: int) -> list[Cut]:
    """Share an amount out over (run, pieces, weight); inside a part the first pieces get one more."""
    cuts = []
    for (run, count, _weight), share in zip(parts, allocate(amount, [one[2] for one in parts]), strict=True):
        each, more = divmod(share, count)
        cuts += [Cut(run, more, each + 1)] if more else []
        cuts += [Cut(run, count - more, each)] if count > more else []
    return cuts


def _shared(picks: Sequence[tuple[Run, int]], amount: int) -> list[Cut]:
    """Share an amount out over pieces by what they cost."""
    return counted([(run, count, run.value * count) for run, count in picks], amount)


def _goods(offer: Offer, shelf: Shelf) -> list[Run]:
    return shelf.open(shelf.lines_of(offer.id, goods_of(offer)), exclusive=offer.exclusive)


def _each(offer: Offer, shelf: Shelf, off: Callable[[Run], int]) -> list[Cut]:
    """Take something off each piece, as often as the offer may: where most comes off first, then dearest first."""
    left = ENDLESS if offer.times is None else offer.times
    cuts = []
    worth = [(min(off(run), run.value), run) for run in _goods(offer, shelf)]
    for taken, run in sorted(worth, key=lambda one: -one[0]):
        count = min(left, run.count)
        if taken > 0 and count:
            cuts.append(Cut(run, count, taken))
            left -= count
    return cuts


def percent(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Take a percentage off each piece."""
    return _each(offer, shelf, lambda run: mul_div(run.value, offer.terms["percent"], WHOLE))


def amount(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Take an amount off each piece, off what is weighed per unit of weight."""
    return _each(offer, shelf, lambda run: mul_div(run.milli, offer.terms["amount"], MILLI))


def fixed(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Ask a price for each piece."""
    return _each(offer, shelf, lambda run: run.value - mul_div(run.milli, offer.terms["price"], MILLI))


def groups(runs: Sequence[Run], size: int) -> Iterator[tuple[list[tuple[Run, int]], int]]:
    """Put pieces into full groups, dearest first: (what is in it, how many such groups come one after the other)."""
    group: list[tuple[Run, int]] = []
    missing = size
    for run in runs:
        left = run.count
        if group:
            part = min(left, missing)
            group.append((run, part))
            left, missing = left - part, missing - part
            if not missing:
                yield group, 1
                group, missing = [], size
        if left >= size:
            yield [(run, size)], left // size
            left %= size
        if left:
            group, missing = [(run, left)], size - left


def buy_get(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Give some for nothing or for less where others are bought."""
    terms = offer.terms
    if terms.get("get") is not None:
        return _get_others(offer, shelf)
    cuts: list[Cut] = []
    left = ENDLESS if offer.times is None else offer.times
    for group, often in groups([run for run in _goods(offer, shelf) if run.counted], terms["buy"] + terms["free"]):
        repeat = min(left, often)
        if not repeat:
            break
        cuts += _rewarded(group, repeat, terms["free"], terms["percent"])
        left -= repeat
    return cuts


def _rewarded(group: Sequence[tuple[Run, int]], repeat: int, free: int, percent: int) -> list[Cut]:
    """Take the percentage off the last pieces of a group; the others are used."""
    cuts = []
    left = free
    for run, count in reversed(group):
        given = min(left, count)
        left -= given
        if given:
            cuts.append(Cut(run, given * repeat, mul_div(run.value, percent, WHOLE)))
        if count > given:
            cuts.append(Cut(run, (count - given) * repeat, 0))
    return cuts


def _get_others(offer: Offer, shelf: Shelf) -> list[Cut]:
    terms = offer.terms
    runs = [run for run in _goods(offer, shelf) if run.counted]
    bought = [run for run in runs if belongs(shelf.items[run.line], terms["goods"])]
    given = [run for run in runs if not belongs(shelf.items[run.line], terms["goods"])]
    often = min(measures(bought)[0] // terms["buy"], ENDLESS if offer.times is None else offer.times)
    wanted = min(often * terms["free"], measures(given)[0])
    used = -(-wanted // terms["free"]) * terms["buy"]
    cuts = [Cut(run, count, mul_div(run.value, terms["percent"], WHOLE)) for run, count in _first(given, wanted)]
    return [*cuts, *(Cut(run, count, 0) for run, count in _first(bought[::-1], used))]


def _first(runs: Sequence[Run], wanted: int) -> list[tuple[Run, int]]:
    picks = []
    for run in runs:
        count = min(wanted, run.count)
        if count:
            picks.append((run, count))
            wanted -= count
    return picks


def mix(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Ask one price for any so many pieces."""
    cuts: list[Cut] = []
    left = ENDLESS if offer.times is None else offer.times
    for group, often in groups([run for run in _goods(offer, shelf) if run.counted], offer.terms["count"]):
        saved = sum(run.value * count for run, count in group) - offer.terms["price"]
        repeat = min(left, often)
        if saved <= 0 or not repeat:
            break
        cuts += [Cut(cut.run, cut.count * repeat, cut.off) for cut in _shared(group, saved)]
        left -= repeat
    return cuts


def meal(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Ask one price for one piece of each slot; as many meals as each further one takes more off."""
    slots, price = offer.terms["slots"], offer.terms["price"]
    runs = [run for run in _goods(offer, shelf) if run.counted]
    masks: Mapping[int, int] = {
        line: sum(1 << at for at, slot in enumerate(slots) if belongs(shelf.items[line], slot["goods"]))
        for line in {run.line for run in runs}
    }
    low, high = 0, min(measures(runs)[0] // len(slots), ENDLESS if offer.times is None else offer.times)
    best = 0
    while low < high:
        middle = (low + high + 1) // 2
        now, before = _filled(runs, masks, len(slots), middle), _filled(runs, masks, len(slots), middle - 1)
        if now is None or before is None or _cost(now) - _cost(before) <= price:
            high = middle - 1
        else:
            low = best = middle
    picks = _filled(runs, masks, len(slots), best) or []
    return _shared(picks, _cost(picks) - best * price) if best else []


def _cost(picks: Sequence[tuple[Run, int]]) -> int:
    return sum(run.value * count for run, count in picks)


def _filled(runs: Sequence[Run], masks: Mapping[int, int], slots: int, meals: int) -> list[tuple[Run, int]] | None:
    """Fill the slots of so many meals with the most value; None where they can't be filled.

    The sets of pieces that fit into slots are a matroid, so the dearest that still fits is always right; it fits while
    for every set of slots no more pieces can go nowhere else than these slots hold (Hall).
    """
    used = [0] * (1 << slots)
    room = [meals * mask.bit_count() for mask in range(1 << slots)]
    picks = []
    for run in runs:
        own = masks[run.line]
        above = [mask for mask in range(1 << slots) if mask & own == own]
        count = min(run.count, *(room[mask] - used[mask] for mask in above))
        if count > 0:
            picks.append((run, count))
            for mask in above:
                used[mask] += count
    return picks if used[-1] == meals * slots else None


def tiered(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Take off what the highest tier says that is reached."""
    runs = _goods(offer, shelf)
    pieces, spend = measures(runs)
    reached = pieces if offer.terms["by"] == "pieces" else spend
    tier = next((one for one in reversed(offer.terms["tiers"]) if one["from"] <= reached), None)
    if tier is None or not runs:
        return []
    if tier.get("percent"):
        cuts = [Cut(run, run.count, mul_div(run.value, tier["percent"], WHOLE)) for run in runs]
        return cuts if total(cuts) else []
    return _shared([(run, run.count) for run in runs], min(tier["amount"], spend))


def basket(offer: Offer, shelf: Shelf) -> list[Cut]:
    """Take something off all of it once it costs enough, whoever has taken it."""
    terms = offer.terms
    lines = shelf.lines_of(offer.id, goods_of(offer))
    reached = sum(run.value * run.count for line in lines for run in shelf.runs[line])
    runs = shelf.open(lines, exclusive=offer.exclusive)
    _pieces, spend = measures(runs)
    if reached < terms["from"] or not runs:
        return []
    off = mul_div(spend, terms["percent"], WHOLE) if terms.get("percent") else min(terms["amount"], spend)
    return _shared([(run, run.count) for run in runs], off)


KINDS: Final[Mapping[str, Callable[[Offer, Shelf], list[Cut]]]] = {
    "percent": percent,
    "amount": amount,
    "fixed": fixed,
    "buy_get": buy_get,
    "mix": mix,
    "meal": meal,
    "tiered": tiered,
    "basket": basket,
}
"""In the order in which the office offers them."""

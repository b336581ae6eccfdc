"""The pieces of a basket while offers take from it: alike ones together, what each costs by now, who has taken it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from retail.kit.money import mul_div

MILLI: Final = 1000
EXCLUDED: Final = frozenset({"deposit", "gift_card"})
FREE, SHARED, GONE = 0, 1, 2

Goods = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a basket as offers see it; `categories` holds all that its own lies in too."""

    id: str
    product: str
    quantity_milli: int
    price: int
    categories: Sequence[str] = ()
    tags: Sequence[str] = ()
    weighed: bool = False
    type: str = "goods"
    by_hand: bool = False
    """A cashier has changed its price."""

    @property
    def whole(self) -> bool:
        """Whether it is counted in pieces."""
        return not self.weighed and self.quantity_milli % MILLI == 0

    @property
    def taking_part(self) -> bool:
        """Whether offers see it at all."""
        return self.quantity_milli > 0 and self.price > 0 and self.type not in EXCLUDED and not self.by_hand


@dataclass(slots=True, eq=False)
class Run:
    """So many pieces of a line that are alike: each costs `value` by now."""

    line: int
    count: int
    value: int
    taken: int
    milli: int
    """Of one piece: 1000, or what a weighed line weighs."""
    counted: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """`off` each of `count` pieces; 0 for those that are only used."""

    run: Run
    count: int
    off: int


@dataclass(slots=True)
class Shelf:
    """The basket, line by line as runs; `stamps` say when a line was taken from last."""

    items: Sequence[Item]
    runs: list[list[Run]]
    order: list[int]
    places: list[int]
    """Where each line comes in the order."""
    stamps: list[int]
    stamp: int = 0
    known: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Sequence[Item]) -> Shelf:
        """Lay out a basket; what takes no part has no pieces."""
        runs = [_runs(at, item) if item.taking_part else [] for at, item in enumerate(items)]
        order = sorted(range(len(items)), key=lambda at: (items[at].product, items[at].id))
        places = [0] * len(items)
        for place, at in enumerate(order):
            places[at] = place
        return cls(items, runs, order, places, [0] * len(items))

    @property
    def worth(self) -> int:
        """Give what all pieces cost by now."""
        return sum(run.value * run.count for runs in self.runs for run in runs)

    def lines_of(self, name: str, wanted: Sequence[Goods]) -> list[int]:
        """Give the lines that belong to any of some goods, by product and line; remembered by name."""
        found = self.known.get(name)
        if found is None:
            lines = [at for at in self.order if self.runs[at]]
            found = [at for at in lines if any(belongs(self.items[at], goods) for goods in wanted)]
            self.known[name] = found
        return found

    def open(self, lines: Iterable[int], *, exclusive: bool) -> list[Run]:
        """Give the runs that an offer may take, dearest first."""
        most = FREE if exclusive else SHARED
        runs = [run for at in lines for run in self.runs[at] if run.taken <= most and run.value > 0]
        return sorted(runs, key=lambda run: -run.value)  # stable: by product and line among equals

    def touched(self, lines: Iterable[int], since: int) -> bool:
        """Tell whether any of the lines was taken from since."""
        return any(self.stamps[at] > since for at in lines)


def _runs(at: int, item: Item) -> list[Run]:
    if item.whole:
        return [Run(at, item.quantity_milli // MILLI, item.price, FREE, MILLI, counted=True)]
    return [Run(at, 1, mul_div(item.quantity_milli, item.price, MILLI), FREE, item.quantity_milli, counted=False)]


def belongs(item: Item, goods: Goods) -> bool:
    """Tell whether a line belongs to goods."""
    named = [(goods.get(name) or (), _of(item, name)) for name in ("products", "categories", "tags")]
    if any(wanted for wanted, _ in named) and not any(set(wanted) & set(own) for wanted, own in named):
        return False
    return not any(
        set(goods.get(f"not_{name}") or ()) & set(_of(item, name)) for name in ("products", "categories", "tags")
    )


def _of(item: Item, name: str) -> Sequence[str]:
    return (item.product,) if name == "products" else item.categories if name == "categories" else item.tags


def take(shelf: Shelf, cuts: Sequence[Cut], *, exclusive: bool) -> dict[int, int]:
    """Take pieces and what comes off them; gives what came off each line."""
    shelf.stamp += 1
    off: dict[int, int] = {}
    gone: dict[int, list[Cut]] = {}
    for cut in cuts:
        gone.setdefault(cut.run.line, []).append(cut)
        off[cut.run.line] = off.get(cut.run.line, 0) + cut.off * cut.count
    for line, some in gone.items():
        shelf.stamps[line] = shelf.stamp
        shelf.runs[line] = _after(shelf.runs[line], some, exclusive=exclusive)
    return {line: amount for line, amount in off.items() if amount}


def _after(runs: list[Run], cuts: Sequence[Cut], *, exclusive: bool) -> list[Run]:
    """Give a line's runs anew: the dearest first, the less taken first."""
    counts: dict[tuple[int, int], int] = {}
    for run in runs:
        mine = [cut for cut in cuts if cut.run is run]
        places = [(run.value, run.taken, run.count - sum(cut.count for cut in mine))]
        places += [(run.value - cut.off, GONE if exclusive else SHARED, cut.count) for cut in mine]
        for value, taken, count in places:
            counts[value, taken] = counts.get((value, taken), 0) + count
    first = runs[0]
    return [
        Run(first.line, counts[value, taken], value, taken, first.milli, first.counted)
        for value, taken in sorted(counts, key=lambda one: (-one[0], one[1]))
        if counts[value, taken]
    ]


def total(cuts: Iterable[Cut]) -> int:
    """Add up what cuts take off."""
    return sum(cut.off * cut.count for cut in cuts)

"""A panel: daily demand of many series, and what is known of each day, also of days to come. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


class Key(NamedTuple):
    """Whose demand a series is."""

    store: str
    product: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Series by days. Arrays of the past are (series, known); the others (series, days), with days >= known.

    quantity: units sold on a day, at least 0; NaN: not known (before the first day, a gap in the file).
    open: the store is open that day. promo: on promotion that day. holiday: public holiday of the store's country.
    price: of one unit, in any one currency; NaN: not known. in_stock: there was enough to sell that day.
    Column 0 is the day `first`.
    """

    keys: tuple[Key, ...]
    first: date
    quantity: Floats
    open: Flags
    promo: Flags
    holiday: Flags
    price: Floats
    in_stock: Flags

    def __post_init__(self) -> None:
        """Refuse arrays that don't fit each other."""
        series, known = len(self.keys), self.known
        if self.quantity.shape != (series, known) or self.in_stock.shape != (series, known):
            raise ValueError("quantity and in_stock need one row per key")
        shape = (series, self.days)
        if any(one.shape != shape for one in (self.open, self.promo, self.holiday, self.price)) or self.days < known:
            raise ValueError("open, promo, holiday and price need the same days, at least the known ones")
        if np.any(self.quantity < 0):
            raise ValueError("a quantity below 0 isn't demand")

    @property
    def known(self) -> int:
        """Count the days of the past."""
        return int(self.quantity.shape[1])

    @property
    def days(self) -> int:
        """Count all days, past and to come."""
        return int(self.open.shape[1])

    @property
    def usable(self) -> Flags:
        """Tell the days that teach something: known, open and not out of stock."""
        return np.isfinite(self.quantity) & self.open[:, : self.known] & self.in_stock

    def until(self, known: int) -> Panel:
        """Forget what was sold from that day on; what was planned for then stays known."""
        return replace(self, quantity=self.quantity[:, :known], in_stock=self.in_stock[:, :known])

    def since(self, day: int) -> Panel:
        """Leave out the days before that one."""
        later = {name: getattr(self, name)[:, day:] for name in _BY_DAY}
        first = np.datetime64(self.first) + day
        return replace(self, first=first.astype(date), **later)

    def rows(self, wanted: Whole | Flags) -> Panel:
        """Take some of the series, in the order given."""
        places = np.flatnonzero(wanted) if wanted.dtype == np.bool_ else wanted
        return replace(
            self,
            keys=tuple(self.keys[at] for at in places),
            **{name: getattr(self, name)[places] for name in _BY_DAY},
        )

    def ages(self) -> Whole:
        """Count the days from each series' first known day to the end of what is known; 0: none is known."""
        finite = np.isfinite(self.quantity)
        begun = np.where(finite.any(axis=1), finite.argmax(axis=1), self.known)
        return (self.known - begun).astype(np.int64)


_BY_DAY = ("quantity", "open", "promo", "holiday", "price", "in_stock")


def panel(
    keys: tuple[Key, ...],
    first: date,
    quantity: Floats,
    *,
    ahead: int = 0,
    open: Flags | None = None,  # noqa: A002 - the panel's own word
    promo: Flags | None = None,
    holiday: Flags | None = None,
    price: Floats | None = None,
    in_stock: Flags | None = None,
) -> Panel:
    """Make a panel of what is known, with `ahead` days to come; what isn't given: open, no promotion, no holiday.

    Flags of one dimension hold for all series.
    """
    series, known = quantity.shape
    shape = (series, known + ahead)

    def flags(given: Flags | None, *, otherwise: bool, of: tuple[int, int] = shape) -> Flags:
        return np.broadcast_to(np.bool_(otherwise) if given is None else given, of)

    return Panel(
        keys=keys,
        first=first,
        quantity=quantity.astype(np.float64),
        open=flags(open, otherwise=True),
        promo=flags(promo, otherwise=False),
        holiday=flags(holiday, otherwise=False),
        price=np.broadcast_to(np.float64("nan") if price is None else price, shape),
        in_stock=flags(in_stock, otherwise=True, of=(series, known)),
    )


def summed(whole: Panel, groups: Whole, keys: tuple[Key, ...]) -> Panel:
    """Add series up: `groups` says for each which of `keys` it belongs to.

    A group is open when one of its series is, and on promotion to no more than a flag: when half of it is. A day that
    one of its series doesn't know counts as nothing of that one, and is known when any is.
    """
    size = len(keys)

    def total(values: Floats) -> Floats:
        made = np.zeros((size, values.shape[1]))
        np.add.at(made, groups, values)
        return made

    count = np.maximum(np.bincount(groups, minlength=size), 1)[:, None]
    finite = np.isfinite(whole.quantity)
    quantity = np.where(total(finite.astype(float)) > 0, total(np.where(finite, whole.quantity, 0.0)), np.nan)
    shares = {name: total(getattr(whole, name).astype(float)) / count for name in ("open", "promo", "holiday")}
    return Panel(
        keys=keys,
        first=whole.first,
        quantity=quantity,
        open=shares["open"] > 0,
        promo=shares["promo"] >= 0.5,
        holiday=shares["holiday"] > 0,
        price=np.full((size, whole.days), np.nan),
        in_stock=np.ones((size, whole.known), dtype=np.bool_),
    )

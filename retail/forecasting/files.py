"""A file of daily sales becomes a panel: CSV or CSV.gz of date, store, product, qty, perhaps price and promo."""

from __future__ import annotations

import csv
import gzip
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from retail.forecasting.calendars import public_holidays
from retail.forecasting.errors import SalesFileWrong
from retail.forecasting.panel import Flags, Floats, Key, Panel, panel
from retail.kit.text import _

NEEDED: Final = ("date", "store", "product", "qty")
MOST_DAYS: Final = 20 * 366
_THOUSANDS: Final = 3
_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?")
_PARTED: Final = re.compile(r"-?\d{1,3}(\.\d{3})+(,\d*)?")
_GZIP: Final = b"\x1f\x8b"
_FLAGS: Final = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False, "": False}


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written: what stands between its columns, and what before the decimals of a number."""

    between: str
    decimal: str

    def plain(self, value: str) -> str:
        """Write a number with a point before its decimals and nothing between thousands."""
        if self.decimal == ".":
            return value.replace(",", "") if _GROUPED.fullmatch(value) else value
        return value.replace(".", "").replace(",", ".") if _PARTED.fullmatch(value) else value.replace(",", ".")


@dataclass
class _Gathered:
    """What the lines said: by series, by (series, day)."""

    places: dict[Key, int] = field(default_factory=dict)
    quantity: dict[tuple[int, int], float] = field(default_factory=dict)
    promo: set[tuple[int, int]] = field(default_factory=set)
    price: dict[tuple[int, int], float] = field(default_factory=dict)


def read_sales(path: Path, *, country: str = "", region: str | None = None) -> Panel:
    """Read a file; raises SalesFileWrong with the line and what to do, UnknownCountry.

    Lines of one day, store and product are added up. A day without any line of a store was closed there; a product
    without a line on an open day sold nothing, from its first line on. A price holds until the next one.
    """
    form = form_of(path)
    with _read(path) as text:
        gathered = _gather(text, form)
    return _arranged(gathered, country, region)


def form_of(path: Path) -> Form:
    """Tell how a file is written: what stands between its columns, and before decimals. Raises SalesFileWrong."""
    with _read(path) as text:
        first = text.readline()
        between = max((",", ";", "\t"), key=first.count)
        named = [name.strip().lower() for name in first.split(between)]
        places = [named.index(name) for name in ("qty", "price") if name in named]
        usual = "." if between == "," else ","
        try:
            found = (_decimal_of(row[at], usual) for row in csv.reader(text, delimiter=between)
                     for at in places if at < len(row))  # fmt: skip
            return Form(between, next((mark for mark in found if mark), "."))
        except csv.Error:  # reading it for good says in which line
            return Form(between, ".")


def _decimal_of(value: str, usual: str) -> str:
    """Tell the decimal mark of a number, "" where it has none or it can't be told; `usual` decides for 1,234."""
    last = max(value.rfind(","), value.rfind("."))
    if last < 0:
        return ""
    mark = value[last]
    if value.count(mark) > 1:
        return ""  # it parts thousands
    both = "," in value and "." in value
    return mark if both or len(value) - last - 1 != _THOUSANDS or mark == usual else ""


@contextmanager
def _read(path: Path) -> Iterator[TextIO]:
    """Open a file; what is wrong with it is told with its name."""
    try:
        with _opened(path) as text:
            yield text
    except SalesFileWrong as wrong:
        raise wrong.of(path.name) from None
    except FileNotFoundError:
        raise SalesFileWrong(
            _("There is no file “%(name)s”. Check how it is written and where it lies.") % {"name": path}
        ) from None
    except (OSError, EOFError, zlib.error) as broken:
        why = broken.strerror if isinstance(broken, OSError) and broken.strerror else broken
        raise SalesFileWrong(
            _("The file “%(name)s” can't be read: %(why)s. Check that it is there and whole.")
            % {"name": path.name, "why": why}
        ) from broken
    except UnicodeDecodeError as broken:
        raise SalesFileWrong(
            _("The file “%(name)s” isn't UTF-8 text. Save it as CSV in UTF-8 and try again.") % {"name": path.name}
        ) from broken


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if packed:
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as text:
            yield text
    else:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield text


def _gather(text: TextIO, form: Form) -> _Gathered:
    lines = csv.DictReader(text, delimiter=form.between)
    try:
        named = [name.strip().lower() for name in lines.fieldnames or ()]
        lines.fieldnames = named
        missing = [name for name in NEEDED if name not in named]
        if missing:
            raise SalesFileWrong(
                _("The column “%(name)s” is missing. The first line must name date, store, product and qty.")
                % {"name": missing[0]},
                1,
            )
        found = _Gathered()
        for row in lines:
            _take(found, row, lines.line_num, form)
    except csv.Error as broken:
        raise SalesFileWrong(_("this isn't CSV. Save the table as CSV and try again."), lines.line_num) from broken
    if not found.places:
        raise SalesFileWrong(_("The file has no lines below its first. Give one line per day, store and product."))
    return found


def _take(found: _Gathered, row: Mapping[str, str | None], line: int, form: Form) -> None:
    told = {name: (row.get(name) or "").strip() for name in (*NEEDED, "price", "promo")}
    for name in ("store", "product"):
        if not told[name]:
            raise SalesFileWrong(_("it is empty. Fill it in, or remove the line."), line, name)
    try:
        day = date.fromisoformat(told["date"]).toordinal()
    except ValueError as wrong:
        raise SalesFileWrong(
            _("“%(value)s” isn't a date. Write it as 2026-03-31.") % {"value": told["date"][:40]}, line, "date"
        ) from wrong
    place = found.places.setdefault(Key(told["store"], told["product"]), len(found.places))
    at = (place, day)
    found.quantity[at] = found.quantity.get(at, 0.0) + _number(told["qty"], "qty", line, form)
    if told["price"]:
        found.price[at] = _number(told["price"], "price", line, form)
    promo = _FLAGS.get(told["promo"].lower())
    if promo is None:
        raise SalesFileWrong(
            _("“%(value)s” isn't a promotion. Write 1 or 0.") % {"value": told["promo"][:40]}, line, "promo"
        )
    if promo:
        found.promo.add(at)


def _number(value: str, column: str, line: int, form: Form) -> float:
    try:
        number = float(form.plain(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in value:
        raise SalesFileWrong(
            _("“%(value)s” isn't a number. Write it as 12 or 12%(mark)s5.")
            % {"value": value[:40], "mark": form.decimal},
            line,
            column,
        )
    if number < 0:
        raise SalesFileWrong(_("it is below 0. Returns aren't demand: leave them out."), line, column)
    return number


def _arranged(found: _Gathered, country: str, region: str | None) -> Panel:
    """Lay the lines out by series and day, sorted by store and product."""
    days = [day for _place, day in found.quantity]
    first, count = min(days), max(days) - min(days) + 1
    if count > MOST_DAYS:
        raise SalesFileWrong(
            _("The dates reach from %(first)s to %(last)s. Check them: at most 20 years can be read.")
            % {"first": date.fromordinal(first), "last": date.fromordinal(max(days))}
        )
    keys = tuple(sorted(found.places))
    moved = {found.places[key]: at for at, key in enumerate(keys)}
    quantity, promo = np.full((len(keys), count), np.nan), np.zeros((len(keys), count), dtype=np.bool_)
    price = np.full((len(keys), count), np.nan)
    for (place, day), value in found.quantity.items():
        quantity[moved[place], day - first] = value
    for place, day in found.promo:
        promo[moved[place], day - first] = True
    for (place, day), value in found.price.items():
        price[moved[place], day - first] = value
    begins = date.min + timedelta(days=first - 1)
    opened = _opened_days(keys, quantity)
    sold = np.isfinite(quantity)
    begun = np.maximum.accumulate(sold, axis=1)
    quantity = np.where(sold, quantity, np.where(opened & begun, 0.0, np.nan))
    holiday = public_holidays(country, begins, count, region) if country else None
    return panel(keys, begins, quantity, open=opened, promo=promo, price=_held(price), holiday=holiday)


def _opened_days(keys: tuple[Key, ...], quantity: Floats) -> Flags:
    """Tell the days on which a store sold anything."""
    opened = np.zeros(quantity.shape, dtype=np.bool_)
    stores = np.array([key.store for key in keys])
    for store in np.unique(stores):
        of_store = stores == store
        opened[of_store] = np.isfinite(quantity[of_store]).any(axis=0)
    return opened


def _held(price: Floats) -> Floats:
    """Let a price hold until the next one."""
    latest = np.maximum.accumulate(np.where(np.isfinite(price), np.arange(price.shape[1]), 0), axis=1)
    return np.asarray(np.take_along_axis(price, latest, axis=1))

"""The bases of reports: figures that somebody puts together, and twelve ready ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from retail.analytics.sections.asking import Question
from retail.analytics.sections.pages import too_long_sentence
from retail.analytics.sections.reading import Side, TooLong
from retail.audit.action_words import action_words
from retail.automation.columns import said
from retail.automation.exports.lists import LISTS
from retail.automation.exports.walking import Walked
from retail.automation.reports.asking import Seeing, Spell, choice_in, question_in, spell_in
from retail.automation.reports.figures import Choice, figures_sheet
from retail.automation.reports.rules import Span
from retail.automation.reports.sheet import Column, Kind, Row, Sheet
from retail.automation.reports.sums import CUSTOMERS, MOVES, PROMOTIONS, TAX, Summed, TooManyRows
from retail.identity.permissions import (
    VIEW_CUSTOMERS,
    VIEW_DASHBOARD,
    VIEW_SALES,
    VIEW_STOCK,
)
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import Page
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants.queries import this_tenant


class Base(Protocol):
    """What a report is built on. `usual` is its period where the address has none."""

    @property
    def label(self) -> str:
        """Name it, untranslated."""

    @property
    def about(self) -> str:
        """Say what it shows, untranslated."""

    @property
    def rights(self) -> tuple[str, ...]:
        """Name the rights that it asks for."""

    @property
    def usual(self) -> Span:
        """Give the usual period."""

    async def check(self, read: Read, asked: Asked, seeing: Seeing) -> None:
        """Read what an address asks for. Raises Invalid for what can't be asked."""

    async def sheet(self, read: Read, asked: Asked, seeing: Seeing) -> Sheet:
        """Read what an address asks for, and give it as a table. Raises Invalid."""


@dataclass(frozen=True)
class OfFigures:
    """Figures from the read models: what it shows where the address doesn't say."""

    label: str
    about: str
    sides: tuple[Side, ...]
    measures: tuple[str, ...]
    usual: Span = "last_30"
    rights: tuple[str, ...] = (VIEW_DASHBOARD,)

    async def check(self, read: Read, asked: Asked, seeing: Seeing) -> None:
        """Read what an address asks for. Raises Invalid for what can't be asked."""
        await self._asked(read, asked, seeing)

    async def _asked(self, read: Read, asked: Asked, seeing: Seeing) -> tuple[Question, Choice]:
        question = await question_in(read, asked, self.usual, seeing)
        choice = choice_in(asked, (self.sides, self.measures), seeing)
        asked.check()
        return question, choice

    async def sheet(self, read: Read, asked: Asked, seeing: Seeing) -> Sheet:
        """Read what an address asks for, and give it as a table. Raises Invalid."""
        question, choice = await self._asked(read, asked, seeing)
        try:
            return await figures_sheet(read, question, choice)
        except TooLong:
            raise Invalid({"from": [too_long_sentence()]}) from None


@dataclass(frozen=True)
class OfSums:
    """A ledger added up."""

    label: str
    about: str
    summed: Summed
    rights: tuple[str, ...]
    usual: Span = "last_month"

    async def check(self, read: Read, asked: Asked, seeing: Seeing) -> None:
        """Read what an address asks for. Raises Invalid for what can't be asked."""
        await spell_in(read, asked, self.usual, seeing)
        asked.check()

    async def sheet(self, read: Read, asked: Asked, seeing: Seeing) -> Sheet:
        """Read what an address asks for, and give it as a table. Raises Invalid."""
        spell = await spell_in(read, asked, self.usual, seeing)
        asked.check()
        try:
            return await self.summed.sheet(read, spell, costs=seeing.costs)
        except TooManyRows:
            sentence = _("These are more rows than a report has. Choose a store, or a shorter time.")
            raise Invalid({"from": [sentence]}) from None


Picked = tuple[str, str, Kind, bool]
"""A column of a list: its name there, its label here, its kind, and whether it adds up."""


@dataclass(frozen=True)
class OfList:
    """A list as its page and its export read it: some of its columns, and its address for a time and a store."""

    label: str
    about: str
    list: str
    picked: tuple[Picked, ...]
    address: Callable[[Spell, datetime, str], Mapping[str, str]]
    usual: Span = "last_month"
    dated: bool = True
    more: tuple[str, Mapping[str, str]] | None = None
    """A filter of the list's own: its name, and its choices."""
    words: Mapping[str, Callable[[str], str]] | None = None
    """What the values of a column are called."""

    @property
    def walked(self) -> Walked:
        """Give the list."""
        found = LISTS[self.list]
        assert isinstance(found, Walked)  # noqa: S101 - said by READY
        return found

    @property
    def rights(self) -> tuple[str, ...]:
        """Name the rights that it asks for."""
        return (self.walked.permission, *([self.walked.also] if self.walked.also else []))

    async def check(self, read: Read, asked: Asked, seeing: Seeing) -> None:
        """Read what an address asks for. Raises Invalid for what can't be asked."""
        await spell_in(read, asked, self.usual, seeing)
        if self.more:
            asked.option(*self.more)
        asked.check()

    async def sheet(self, read: Read, asked: Asked, seeing: Seeing) -> Sheet:
        """Read what an address asks for, and give it as a table. Raises Invalid."""
        spell = await spell_in(read, asked, self.usual, seeing)
        own = {self.more[0]: asked.option(*self.more)} if self.more else {}
        asked.check()
        zone = (await this_tenant(read)).timezone
        address = dict(self.address(spell, seeing.as_of or read.now, zone)) | {k: v for k, v in own.items() if v}
        inner = Asked("", address)
        walk = await self.walked.begin(read, inner)
        inner.check()
        known = {one.name: one for one in self.walked.columns}
        values = [self._value(name, known[name].value) for name, *_rest in self.picked]

        async def rows(after: str | None) -> Page[Row]:
            page = await walk(after)
            return Page([Row([value(one) for value in values]) for one in page.items], page.next)

        columns = [Column(_(label), kind, adds) for _name, label, kind, adds in self.picked]
        days = (spell.first, spell.last) if self.dated else (None, None)
        return Sheet(columns, rows, *days)

    def _value(self, name: str, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
        words = (self.words or {}).get(name)
        return (lambda one: words(value(one))) if words else value


def _of_days(spell: Spell, _now: datetime, _zone: str) -> dict[str, str]:
    return {"from": spell.first.isoformat(), "to": spell.last.isoformat(), **_of_store(spell)}


def _of_store(spell: Spell) -> dict[str, str]:
    return {"store": str(spell.store)} if spell.store else {}


def _at_end(spell: Spell, now: datetime, zone: str) -> dict[str, str]:
    """Ask for the moment at which the last day ended; now where it isn't over."""
    end = datetime.combine(spell.last + timedelta(days=1), time(), ZoneInfo(zone))
    return _of_store(spell) | ({} if end > now else {"at": end.strftime("%Y-%m-%dT%H:%M")})


def _ahead(spell: Spell, _now: datetime, _zone: str) -> dict[str, str]:
    return {"days": "30", **_of_store(spell)}


def _trail(spell: Spell, _now: datetime, _zone: str) -> dict[str, str]:
    return {"from": spell.first.isoformat(), "to": spell.last.isoformat()}


_AHEAD: Final = {days: days for days in ("0", "3", "7", "14", "30", "90")}
FIGURES: Final = "figures"
_SOLD: Final = ("revenue", "net", "sales", "basket", "units", "tax", "refunds", "discount", "margin")
_GOODS: Final = ("revenue", "net", "sales", "units", "tax", "discount", "cost", "margin", "share")

BASES: Final[Mapping[str, Base]] = {
    FIGURES: OfFigures(said("Your own report"), said("Choose figures and what they are shown by."), ("day",), _SOLD),
    "daily": OfFigures(said("Daily sales"), said("Each day: revenue, sales, baskets and returns."), ("day",), _SOLD),
    "z": OfList(
        said("Z summary"), said("Each shift that was closed: what was expected, counted and differs."), "shifts",
        (("number", said("Z"), "text", False), ("store", said("Store"), "text", False),
         ("till", said("Till"), "text", False), ("business_date", said("Day"), "day", False),
         ("opened_by", said("Opened by"), "text", False), ("closed_at", said("Closed"), "moment", False),
         ("float", said("Float"), "money", False), ("expected", said("Expected"), "money", True),
         ("counted", said("Counted"), "money", True), ("difference", said("Difference"), "money", True)),
        lambda spell, now, zone: {"state": "closed", **_of_days(spell, now, zone)},
    ),
    "tax": OfSums(said("Tax"), said("What was taxed at which rate, in each store."), TAX, (VIEW_SALES,)),
    "categories": OfFigures(said("Categories"), said("What each category brought."), ("category",), _GOODS),
    "products": OfFigures(said("Products"), said("What each product brought."), ("product",), _GOODS),
    "cashiers": OfFigures(said("Cashiers"), said("What each cashier sold, took back and gave off."), ("cashier",),
                          ("revenue", "sales", "basket", "units", "refunds", "returns", "discount")),
    "stock-value": OfList(
        said("Stock valuation"), said("What lies in each store, and what it is worth at cost."), "stock-value",
        (("store", said("Store"), "text", False), ("sku", said("SKU"), "text", False),
         ("name", said("Product"), "text", False), ("on_hand", said("On hand"), "quantity", False),
         ("unit", said("Unit"), "text", False), ("value", said("Value"), "money", True)),
        _at_end, usual="today",
    ),
    "stock-moves": OfSums(
        said("Stock movement"), said("What came and went, by product and reason."), MOVES, (VIEW_STOCK,), "last_week"
    ),
    "expiring": OfList(
        said("Expiring goods"), said("What expires in the days ahead."), "lots",
        (("store", said("Store"), "text", False), ("sku", said("SKU"), "text", False),
         ("name", said("Product"), "text", False), ("lot", said("Lot"), "text", False),
         ("expires_on", said("Expires"), "day", False), ("on_hand", said("On hand"), "quantity", False),
         ("unit", said("Unit"), "text", False)),
        _ahead, dated=False, more=("days", _AHEAD),
    ),
    "customers": OfSums(
        said("Customers"), said("What each customer bought."), CUSTOMERS, (VIEW_CUSTOMERS, VIEW_SALES), "last_month"
    ),
    "promotions": OfSums(
        said("Promotions"), said("What each promotion took off."), PROMOTIONS, (VIEW_SALES,), "last_month"
    ),
    "audit": OfList(
        said("Audit trail"), said("Who did what, and when."), "audit",
        (("at", said("When"), "moment", False), ("actor_name", said("Who"), "text", False),
         ("action", said("What"), "text", False), ("subject_kind", said("Of"), "text", False),
         ("ip", said("From"), "text", False)),
        _trail, usual="last_7", words={"action": action_words},
    ),
}  # fmt: skip
READY: Final[Sequence[str]] = [name for name in BASES if name != FIGURES]
WITHOUT_STORE: Final = frozenset({"audit"})


def base_of(name: str) -> Base:
    """Give a base by its name. Raises NotFound."""
    if name not in BASES:
        raise NotFound("report")
    return BASES[name]

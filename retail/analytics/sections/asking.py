"""What an address of analytics asks for: which days, compared with which, narrowed to what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID

from retail.analytics.rollups.sources import NOBODY
from retail.analytics.rules import MOST_DAYS, Period, PeriodKind, period
from retail.kit.clock import business_day, local_hour
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants import queries as tenants
from retail.tenants.queries import StoreFacts

Against = Literal["before", "year", "none"]
Grain = Literal["hour", "day", "week", "month"]

KINDS: Final = ("day", "week", "month", "custom")
AGAINST: Final = ("before", "year", "none")
GRAINS: Final = ("hour", "day", "week", "month")
FACT_DAYS: Final = 92
"""So many days are read from the facts, where sums don't know all that is asked for together."""
_USUAL_DAYS: Final = 28
_YEAR: Final = timedelta(weeks=52)
_DAYS_BY_DAY: Final = 62
_DAYS_BY_WEEK: Final = 400
_NARROWING: Final = ("store", "region", "till", "cashier", "tender", "group", "product", "category")
NONE: Final = "none"
"""What an address says for: without one (no category, no cashier, no group)."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What figures are narrowed to; all that is set must fit. Ids of things without one are NOBODY."""

    stores: tuple[UUID, ...] | None = None
    till: UUID | None = None
    cashier: UUID | None = None
    tender: str = ""
    group: str | None = None
    product: UUID | None = None
    categories: tuple[UUID, ...] | None = None

    @property
    def sides(self) -> frozenset[str]:
        """Name what narrows that only some rollups know."""
        named = {
            "till": self.till,
            "cashier": self.cashier,
            "tender": self.tender or None,
            "group": self.group,
            "product": self.product,
            "category": self.categories,
        }
        return frozenset(name for name, value in named.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Question:
    """A time with what it is compared with, and what its figures are narrowed to.

    `today` is the earliest business day that it is in any of the stores; `reached` its hours that are over, by store.
    """

    period: Period
    against: Against
    grain: Grain
    narrowed: Narrowed
    today: date
    stores: Sequence[StoreFacts]
    reached: dict[UUID, int] = field(default_factory=dict)
    begun: date | None = None
    """The day of the first sale of all."""
    said: dict[str, str] = field(default_factory=dict)
    """What narrows it, as the address says it."""

    @property
    def back(self) -> timedelta:
        """Tell how far back lies what it is compared with, at the same weekdays."""
        if self.against == "year":
            return _YEAR if self.period.days <= _YEAR.days else 2 * _YEAR
        return self.period.back

    @property
    def compared(self) -> bool:
        """Claim that there is something to compare with: all of the time before lies behind the first sale."""
        return self.against != "none" and self.begun is not None and self.before[0] >= self.begun

    @property
    def before(self) -> tuple[date, date]:
        """Give the first and last day of what it is compared with."""
        return self.period.first - self.back, self.period.last - self.back

    @property
    def running(self) -> bool:
        """Claim that its last days aren't over."""
        return self.period.last >= self.today

    @property
    def over(self) -> date:
        """Give the last day that is over in every store, of a time of several days."""
        return min(self.period.last, self.today - timedelta(days=1))


async def ask(read: Read, asked: Asked) -> Question:
    """Read an address. What can't be read is told by `asked.errors`; the question then is the usual one."""
    stores = await tenants.stores(read)
    days = {one.id: business_day(read.now, one.timezone, one.day_cutoff_hour) for one in stores}
    today = min(days.values(), default=read.now.date())
    narrowed = await _narrowed(read, asked, stores)
    shown = [one for one in stores if narrowed.stores is None or one.id in narrowed.stores]
    today = min((days[one.id] for one in shown), default=today)
    spell = _period(asked, today)
    question = Question(
        spell,
        cast("Against", asked.option("against", AGAINST) or "before"),
        _grain(asked, spell),
        narrowed,
        today,
        shown,
        {one.id: _reached(one, read.now) for one in shown},
        said={name: value for name, value in asked.kept.items() if name in _NARROWING},
    )
    begun: date | None = await read.fetchval(
        "SELECT min(business_date) FROM sales_hour WHERE tenant_id = $1", read.tenant
    )
    return replace(question, begun=begun)


def _reached(one: StoreFacts, now: datetime) -> int:
    return (local_hour(now, one.timezone) - one.day_cutoff_hour) % 24


def _period(asked: Asked, today: date) -> Period:
    kind = cast("PeriodKind", asked.option("period", KINDS) or "custom")
    if kind == "custom":
        begin, end = asked.period()
        last = end or today
        first = begin or last - timedelta(days=_USUAL_DAYS - 1)
        if (last - first).days >= MOST_DAYS:
            asked.error("from", _("Ask for at most %(most)d days.") % {"most": MOST_DAYS})
        return period("custom", today, min(first, last), last)
    return period(kind, today, asked.day("on", required=False))


def _grain(asked: Asked, spell: Period) -> Grain:
    wanted = asked.option("by", GRAINS)
    if spell.days == 1:
        return "hour"
    if wanted and wanted != "hour":
        return cast("Grain", wanted)
    return "day" if spell.days <= _DAYS_BY_DAY else "week" if spell.days <= _DAYS_BY_WEEK else "month"


async def _narrowed(read: Read, asked: Asked, stores: Sequence[StoreFacts]) -> Narrowed:
    store = asked.one_of("store", {one.id for one in stores})
    region = asked.option("region", {one.region for one in stores if one.region})
    places = [one for one in stores if store in (None, one.id) and region in ("", one.region)]
    group = asked.text("group", 40)
    return Narrowed(
        stores=tuple(one.id for one in places) if store or region else None,
        till=asked.one_of("till", {one.id for one in await tenants.tills(read)}) if asked.raw("till") else None,
        cashier=_id(asked, "cashier"),
        tender=asked.text("tender", 20),
        group=None if not group else ("" if group == NONE else group),
        product=_id(asked, "product"),
        categories=await _categories(read, asked),
    )


def _id(asked: Asked, name: str) -> UUID | None:
    return NOBODY if asked.raw(name) == NONE else asked.uuid(name, required=False)


async def _categories(read: Read, asked: Asked) -> tuple[UUID, ...] | None:
    """Give the category that is asked for with all below it."""
    chosen = _id(asked, "category")
    if chosen is None or chosen == NOBODY:
        return None if chosen is None else (NOBODY,)
    rows = await read.fetch(
        """WITH RECURSIVE below AS (
             SELECT c.id FROM category c WHERE c.tenant_id = $1 AND c.id = $2
             UNION SELECT c.id FROM category c JOIN below b ON c.parent_id = b.id WHERE c.tenant_id = $1)
           SELECT id FROM below""",
        read.tenant, chosen,
    )  # fmt: skip
    if not rows:
        asked.error("category", _("Pick one from the list."))
    return tuple(row["id"] for row in rows)

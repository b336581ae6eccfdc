"""Live figures: a sale repaints tiles, feed and curve of its store and of all stores, once for all who look.

Stock and drawers are only told as signals: the pages fetch those regions themselves, a moment later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from retail.analytics import panels, queries, today
from retail.analytics.today import ALL, Ground
from retail.cash.events import ShiftEnded, ShiftOpened
from retail.identity.permissions import VIEW_COSTS, VIEW_DASHBOARD
from retail.runtime.db import Read
from retail.runtime.realtime.channels import Channel, ChartRows, Facts, Names, Partial
from retail.sales.events import SaleCompleted
from retail.stock.events import StockChanged
from retail.tenants.queries import this_tenant

TOPICS: Final = ("today:{store}", f"today:{ALL}")
MARGINS: Final = ("margin:{store}", f"margin:{ALL}")
"""Of a topic of their own: what goods cost is for those who may see that."""


async def _ground(read: Read, names: Names) -> Ground:
    store = names.get("store", ALL)
    return await today.ground(read, await this_tenant(read), store=None if store == ALL else UUID(store))


async def _head(read: Read, names: Names) -> dict[str, Any]:
    on = await _ground(read, names)
    return {"head": today.head(on, await panels.open_tills(read, on.windows))}


async def _kpis(read: Read, names: Names) -> dict[str, Any]:
    on = await _ground(read, names)
    return {"kpis": today.kpis(on, await queries.figures(read, on.period, on.windows))}


async def _margin(read: Read, names: Names) -> dict[str, Any]:
    on = await _ground(read, names)
    return {"margin": today.margin(on, await queries.figures(read, on.period, on.windows))}


async def _hours(read: Read, names: Names) -> dict[str, Any]:
    on = await _ground(read, names)
    return {"hours": today.hours(on, await queries.figures(read, on.period, on.windows))}


async def _feed(read: Read, names: Names) -> dict[str, Any]:
    on = await _ground(read, names)
    return {"feed": today.feed(on, await panels.feed(read, on.windows))}


async def _rows(read: Read, names: Names) -> Sequence[dict[str, Any]]:
    on = await _ground(read, names)
    return today.chart_rows(on, await queries.figures(read, on.period, on.windows))


def _where(event: SaleCompleted | ShiftOpened | ShiftEnded | StockChanged) -> Facts:
    return {"store": str(event.store)}


SOLD: Final = (
    Partial("analytics/today/_kpis.html", "#today-kpis", _kpis),
    Partial("analytics/today/_feed.html", "#today-feed", _feed),
    Partial("analytics/today/_hours.html", "#today-hours", _hours),
)
EARNED: Final = (Partial("analytics/today/_margin.html", "#today-margin", _margin),)
DRAWERS: Final = (Partial("analytics/today/_head.html", "#today-head", _head),)

CHANNELS: Final = [
    channel
    for topic in TOPICS
    for channel in (
        Channel(
            SaleCompleted,
            topic,
            "sale.completed",
            VIEW_DASHBOARD,
            facts=_where,
            partials=SOLD,
            charts=(ChartRows("revenue", _rows),),
            by_store=True,
        ),
        Channel(ShiftOpened, topic, "drawer.changed", VIEW_DASHBOARD, facts=_where, partials=DRAWERS, by_store=True),
        Channel(ShiftEnded, topic, "drawer.changed", VIEW_DASHBOARD, facts=_where, partials=DRAWERS, by_store=True),
        Channel(StockChanged, topic, "stock.changed", VIEW_DASHBOARD, facts=_where, by_store=True),
    )
] + [
    Channel(SaleCompleted, topic, "margin.changed", VIEW_COSTS, facts=_where, partials=EARNED, by_store=True)
    for topic in MARGINS
]

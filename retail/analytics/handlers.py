"""Pages of analytics: Today, its regions for a refetch, and the rows of its chart."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import panels, queries, today
from retail.analytics.rules import Period, PeriodKind
from retail.analytics.today import Ground
from retail.identity.permissions import APPROVE, VIEW_COSTS, VIEW_DASHBOARD
from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.responses import json_answer, redirect, render
from retail.runtime.web.routing import admit

_KINDS: Final = ("day", "week", "month", "custom")
_YEARS: Final = range(2000, 2200)
_CUSTOM_DAYS: Final = 28
_JITTER_MS: Final = (1500, 3500)


async def index(request: Request) -> Response:
    """Show how the shop does: today, or the time that the address names; of one store or of all.

    The address is where everybody begins: who may not see figures is led to the first page that they may. Raises
    Forbidden where there is none.
    """
    if not scope(request).may(VIEW_DASHBOARD) and (first := _first_place(request)):
        return redirect(request, first, leave_tenant=True)
    admit(request, VIEW_DASHBOARD)
    async with db(request).read(scope(request)) as read:
        on = await _ground(request, read)
        shown = await today.regions(read, on)
        begun = await panels.begun(read) if shown["nothing_sold"] else None
    floats = on.period.floats
    return render(
        request,
        "analytics/today/index.html",
        **shown | {"begun": begun if begun and not begun.sold else None},
        period=on.period,
        chosen=on.chosen,
        custom=on.period.kind == "custom",
        segments=_segments(request, on),
        earlier=_address(request, on, _shifted(on, -1)),
        later=None if floats or on.period.last >= on.today else _address(request, on, _shifted(on, 1)),
        shops=_shops(request, on),
        stores=_shops(request, on),
        query=_query(on),
        jitter=random.randint(*_JITTER_MS),  # noqa: S311 - so that not all pages ask at the same moment
        live=_live(request, on) if floats else None,
    )


def _first_place(request: Request) -> str | None:
    """Give the first page of the navigation of whoever asks; messages, which everybody has, come last."""
    places = edge(request).process.places
    found = [place.href for place in places(request)] if places else []
    return min(found, key=lambda href: href.endswith("/messages"), default=None)


def _live(request: Request, on: Ground) -> str:
    """Give the address of the page's socket; margins have a topic of their own."""
    margins = f"&topic={on.margin_topic}" if scope(request).holds(VIEW_COSTS) else ""
    asked = "&topic=approvals" if scope(request).may(APPROVE) else ""
    return f"{edge(request).base}/live?topic={on.topic}{margins}{asked}"


async def regions(request: Request) -> Response:
    """Give every region of the page of today afresh."""
    async with db(request).read(scope(request)) as read:
        shown = await today.regions(read, await _ground(request, read))
    return render(request, "analytics/today/regions.swap.html", **shown)


async def watch(request: Request) -> Response:
    """Give the regions that follow stock and drawers."""
    async with db(request).read(scope(request)) as read:
        shown = await today.watch(read, await _ground(request, read))
    return render(request, "analytics/today/watch.swap.html", **shown)


async def revenue(request: Request) -> Response:
    """Give the rows of the chart."""
    async with db(request).read(scope(request)) as read:
        on = await _ground(request, read)
        rows = today.chart_rows(on, await queries.figures(read, on.period, on.windows))
    return json_answer(rows, headers={"Cache-Control": "no-store"})


async def _ground(request: Request, read: Read) -> Ground:
    """Read from the address which stores and which time are meant; what can't be read there means the usual."""
    asked = request.query_params
    kind = asked.get("period", "day")
    on, until = _day(asked.get("on", "")), None
    if kind == "custom":
        until = _day(asked.get("to", "")) or read.now.date()
        on = _day(asked.get("from", "")) or until - timedelta(days=_CUSTOM_DAYS - 1)
    return await today.ground(
        read,
        tenant(request),
        store=_store(asked.get("store", "")),
        kind=cast("PeriodKind", kind) if kind in _KINDS else "day",
        on=on,
        until=until,
    )


def _store(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("store") from None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _segments(request: Request, on: Ground) -> list[dict[str, Any]]:
    labels = {"day": _("Day"), "week": _("Week"), "month": _("Month"), "custom": _("Custom")}
    return [
        {"label": label, "href": _address(request, on, {"period": kind}), "current": kind == on.period.kind}
        for kind, label in labels.items()
    ]


def _shops(request: Request, on: Ground) -> list[dict[str, Any]]:
    """List the stores for the switcher, all of them together first; the time that is shown stays. One alone: none."""
    if len(on.stores) <= 1:
        return []
    kept = {name: value for name, value in request.query_params.items() if name in {"period", "on", "from", "to"}}
    base = edge(request).base + "/"
    everywhere = {"name": _("All stores"), "href": _with(base, kept), "current": on.chosen is None}
    shops = [
        {"name": one.name, "href": _with(base, kept | {"store": str(one.id)}), "current": one.id == on.chosen}
        for one in on.stores
    ]
    return [shop | {"label": shop["name"]} for shop in (everywhere, *shops)]


def _shifted(on: Ground, way: int) -> dict[str, str]:
    """Give the address of the time before (-1) or after (1)."""
    period = on.period
    first = on.today if period.floats else period.first
    if period.kind == "month":
        day = first - timedelta(days=1) if way < 0 else period.last + timedelta(days=1)
        return {"period": "month", "on": day.isoformat()}
    step = timedelta(days=way * period.days)
    if period.kind == "custom":
        return {"period": "custom", "from": (first + step).isoformat(), "to": (period.last + step).isoformat()}
    return {"period": period.kind, "on": (first + step).isoformat()} if not _is_now(on, step) else {}


def _is_now(on: Ground, step: timedelta) -> bool:
    """Claim that the day after the shown one is today, whose address has no date."""
    period: Period = on.period
    return period.kind == "day" and period.first + step == on.today


def _address(request: Request, on: Ground, about: dict[str, str]) -> str:
    asked = {name: value for name, value in about.items() if (name, value) != ("period", "day") or len(about) > 1}
    return _with(edge(request).base + "/", asked | ({"store": str(on.chosen)} if on.chosen else {}))


def _with(path: str, asked: dict[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path


def _query(on: Ground) -> str:
    """Give the query that names the same stores and time to the addresses of the parts."""
    asked: dict[str, str] = {"store": str(on.chosen)} if on.chosen else {}
    if on.period.kind == "custom":
        asked |= {"period": "custom", "from": on.period.first.isoformat(), "to": on.period.last.isoformat()}
    elif not on.period.floats:
        asked |= {"period": on.period.kind, "on": on.period.first.isoformat()}
    return _with("", asked)

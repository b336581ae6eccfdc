"""The pages of analytics: overview, sales and products, with their charts and their address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics import queries
from retail.analytics.sections import overview, products, selling
from retail.analytics.sections.asking import Question, ask
from retail.analytics.sections.charts import CHARTS
from retail.analytics.sections.choices import choices
from retail.analytics.sections.insights import gathering
from retail.analytics.sections.reading import TooLong
from retail.analytics.sections.sheet import Sheet
from retail.analytics.sections.strip import PATHS, strip
from retail.analytics.today import ALL
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.responses import json_answer, render

Shown = Callable[[Read, Sheet, Asked], Awaitable[dict[str, Any]]]
Then = Callable[[Request, dict[str, Any]], Awaitable[dict[str, Any]]]

_SECTIONS: Final[dict[str, Shown]] = {
    "overview": overview.shown,
    "insights": gathering.shown,
    "sales": selling.shown,
    "products": products.shown,
}


def section(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of a section."""

    async def show(request: Request) -> Response:
        return await shown_section(request, name)

    return show


async def shown_section(request: Request, name: str, then: Then | None = None) -> Response:
    """Show a section; `then` may add to what it shows once nothing is read any more."""
    asked = Asked.of(request, PATHS[name])
    async with db(request).read(scope(request)) as read:
        await queries.plan_for_any_business(read)
        on = Sheet(tenant(request), await ask(read, asked), scope(request).holds(VIEW_COSTS))
        shown, too_long = await _shown(read, on, asked, _SECTIONS[name])
        offered = await choices(read, asked, on)
    if then is not None:
        shown |= await then(request, shown)
    return render(
        request,
        f"analytics/sections/{name}.html",
        asked.status,
        asked=asked,
        on=on,
        question=on.asked,
        days=on.days,
        tabs=_here(request, strip(name, request.query_params)),
        too_long=too_long,
        query=asked.query,
        spans=_here(request, _spans(asked, on.asked)),
        earlier=_moved(asked, on.asked, -1),
        later=None if on.asked.running else _moved(asked, on.asked, 1),
        offered=offered,
        live=_live(request, on.asked),
        **shown,
    )


async def _shown(read: Read, on: Sheet, asked: Asked, of: Shown) -> tuple[dict[str, Any], bool]:
    try:
        return await of(read, on, asked), False
    except TooLong:
        return {}, True


async def chart(request: Request) -> Response:
    """Give the rows of one chart for what the address asks. Raises NotFound, Invalid."""
    name = str(request.path_params["name"])
    known = CHARTS.get(name)
    if known is None or (known.costs and not scope(request).holds(VIEW_COSTS)):
        raise NotFound("chart")
    asked = Asked.of(request, f"/analytics/charts/{name}")
    async with db(request).read(scope(request)) as read:
        await queries.plan_for_any_business(read)
        on = Sheet(tenant(request), await ask(read, asked), scope(request).holds(VIEW_COSTS))
        asked.check()
        try:
            rows = await known.rows(read, on)
        except TooLong:
            raise Invalid({"from": [too_long_sentence()]}) from None
    return json_answer(rows, headers={"Cache-Control": "no-store"})


def too_long_sentence() -> str:
    """Say why some combinations aren't answered for long times."""
    return _("Together these filters answer for at most 92 days. Choose a shorter time, or take one of them away.")


def _live(request: Request, question: Question) -> str | None:
    """Give the address of the page's socket where what is shown isn't over yet: it follows the sales."""
    if not question.running:
        return None
    return f"{edge(request).base}/live?topic=today:{question.said.get('store', ALL)}"


def _here(request: Request, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put this business's own prefix before addresses."""
    return [one | {"href": f"{edge(request).base}{one['href']}"} for one in links]


def _spans(asked: Asked, question: Question) -> list[dict[str, Any]]:
    """List the kinds of time; each keeps what narrows the figures, and the day that is looked at."""
    names = {"day": _("Day"), "week": _("Week"), "month": _("Month"), "custom": _("Custom")}
    on = min(question.period.last, question.today).isoformat()
    return [
        {
            "label": label,
            "href": asked.address(
                **({"period": kind, "on": on} if kind != "custom" else {"period": "", "on": ""}),
                **{"from": "" if kind != "custom" else question.period.first.isoformat()},
                to="" if kind != "custom" else on,
                by="",
            ),
            "current": kind == question.period.kind,
        }
        for kind, label in names.items()
    ]


def _moved(asked: Asked, question: Question, way: int) -> str:
    """Give the address of the time before or after."""
    period = question.period
    if period.kind == "custom":
        step = timedelta(days=way * period.days)
        return asked.address(**{"from": (period.first + step).isoformat(), "to": (period.last + step).isoformat()})
    day = period.first - timedelta(days=1) if way < 0 else period.last + timedelta(days=1)
    return asked.address(on=day.isoformat())

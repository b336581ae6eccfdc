"""The pages of reports: the list, a report with what is chosen for it, keeping it, and having its file made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics.sections.choices import choices
from retail.analytics.sections.sheet import Sheet as Section
from retail.automation.reports import operations, queries
from retail.automation.reports.asking import CHARTS, CUSTOM, Seeing, in_form, question_in, span_words
from retail.automation.reports.bases import BASES, READY, WITHOUT_STORE, Base, OfFigures, OfList
from retail.automation.reports.drawing import SHAPES, chart_of, drawn
from retail.automation.reports.making import OUT, Out
from retail.automation.reports.measures import MEASURES, SIDES
from retail.automation.reports.queries import ReportFacts
from retail.automation.reports.sheet import Sheet
from retail.automation.reports.words import days_words, shown
from retail.identity.permissions import VIEW_COSTS, VIEW_SALES
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT, Page
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import json_answer, redirect, render
from retail.tenants import queries as tenants

HOME: Final = "/reports"
_NARROWING: Final = ("store", "region", "category", "cashier", "tender", "till", "group", "product")


async def index(request: Request) -> Response:
    """List the ready reports, and those that are kept."""
    asked, acting = Asked.of(request, HOME), scope(request)
    q, show = asked.search(), asked.option("show", queries.SHOW)
    async with db(request).read(acting) as read:
        page = await asked.page(lambda after: queries.reports(read, q=q, show=show, limit=DEFAULT_LIMIT, after=after))
    return render(
        request,
        "automation/reports/index.html",
        asked.status,
        asked=asked,
        ready=[(name, _(BASES[name].label), _(BASES[name].about)) for name in READY if _may(acting, BASES[name])],
        kept=page.items,
        labels={name: _(one.label) for name, one in BASES.items()},
        next=asked.next(page),
        shows=[("mine", _("Mine")), ("shared", _("Shared")), ("archived", _("Archived"))],
    )


def show(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of a report."""
    base = BASES[name]

    async def answer(request: Request) -> Response:
        asked, acting = Asked.of(request, f"{HOME}/{name}"), scope(request)
        async with db(request).read(acting) as read:
            kept = await _kept(read, asked)
            sheet = await _sheet(read, base, asked, Seeing(acting.holds(VIEW_COSTS)))
            page, totals = await _page(sheet, asked)
            offered = await _offered(read, request, base, asked)
        return render(
            request,
            "automation/reports/show.html",
            asked.status,
            asked=asked,
            name=name,
            label=_(base.label),
            about=_(base.about),
            kept=kept,
            changeable=kept is not None and operations.may_change(acting, kept),
            query=in_form(request.query_params.multi_items()),
            key=new_id(),
            may_share=acting.may(operations.SHARE),
            **_table(request, sheet, page, totals, asked),
            **offered,
        )

    return answer


def chart(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler of a report's chart."""

    async def answer(request: Request) -> Response:
        asked, acting = Asked.of(request, f"{HOME}/{name}"), scope(request)
        async with db(request).read(acting) as read:
            sheet = await BASES[name].sheet(read, asked, Seeing(acting.holds(VIEW_COSTS)))
        rows = drawn(sheet, chart_of(asked.option("chart", CHARTS), sheet), tenant(request))
        return json_answer(rows, headers={"Cache-Control": "no-store"})

    return answer


def make(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Make the handler that has a report's file made."""

    async def answer(request: Request) -> Response:
        fields = await Fields.read(request)
        form: Out = fields.choice("form", OUT)  # type: ignore[assignment]  # one of OUT, or check() raises
        title, query = fields.text("title", operations.MOST_NAME), fields.raw("query")[:2000]
        fields.check()
        await db(request).run(scope(request), operations.ask_for_report, name, form, query, title=title)
        return redirect(request, "/products/exports", said=_("The file is being made. You may leave this page."))

    return answer


async def create(request: Request) -> Response:
    """Keep a report."""
    fields = await Fields.read(request)
    id, draft = fields.uuid("key", required=False) or new_id(), _draft(fields)
    fields.check()
    await db(request).run(scope(request), operations.keep_report, id, draft)
    return redirect(request, _address(draft, id), said=_("%(name)s is kept.") % {"name": draft.name})


async def update(request: Request) -> Response:
    """Change a kept report."""
    fields, id = await Fields.read(request), _id(request)
    draft = _draft(fields)
    fields.check()
    await db(request).run(scope(request), operations.change_report, id, draft)
    return redirect(request, _address(draft, id), said=_("%(name)s is saved.") % {"name": draft.name})


async def archive(request: Request) -> Response:
    """Put a report aside."""
    await db(request).run(scope(request), operations.archive_report, _id(request))
    return redirect(request, HOME, said=_("The report is archived. It is sent to nobody any more."))


async def restore(request: Request) -> Response:
    """Take an archived report up again."""
    await db(request).run(scope(request), operations.restore_report, _id(request))
    return redirect(request, HOME, said=_("The report is back."))


def _draft(fields: Fields) -> operations.Draft:
    return operations.Draft(
        fields.text("name", operations.MOST_NAME, required=True),
        fields.choice("base", BASES),
        fields.raw("query")[:2000],
        fields.flag("shared"),
    )


def _address(draft: operations.Draft, id: UUID | None) -> str:
    query = "&".join(part for part in (urlencode({"report": str(id)}), draft.query) if part)
    return f"{HOME}/{draft.base}?{query}"


def _id(request: Request) -> UUID:
    return UUID(str(request.path_params["id"]))


def _may(acting: Any, base: Base) -> bool:  # noqa: ANN401 - a Scope
    return all(map(acting.may, base.rights))


async def _kept(read: Read, asked: Asked) -> ReportFacts | None:
    id = asked.uuid("report", required=False)
    return await queries.report(read, id) if id else None


async def _sheet(read: Read, base: Base, asked: Asked, seeing: Seeing) -> Sheet | None:
    """Give the report, None where its address can't be read: the errors say why."""
    try:
        return await base.sheet(read, asked, seeing)
    except Invalid as wrong:
        asked.errors.update(wrong.errors)
        return None


async def _page(sheet: Sheet | None, asked: Asked) -> tuple[Page[Any], list[Any] | None]:
    if sheet is None:
        return Page([], None), None
    found = await asked.page(sheet.page)
    return found, await sheet.come_to()


def _table(
    request: Request, sheet: Sheet | None, page: Page[Any], totals: list[Any] | None, asked: Asked
) -> dict[str, Any]:
    facts = tenant(request)
    columns = sheet.columns if sheet else []
    kinds = [one.kind for one in columns]
    pairs = [(name, value) for name, value in request.query_params.multi_items() if value and name != "after"]
    kind = chart_of(asked.option("chart", CHARTS), sheet) if sheet else ""
    receipts = scope(request).may(VIEW_SALES)
    return {
        "columns": columns,
        "rows": [
            (
                row.behind if receipts else "",
                [shown(value, one, facts) for value, one in zip(row.values, kinds, strict=True)],
            )
            for row in page.items
        ],
        "totals": [
            shown(one, kind, facts) if one is not None else "" for one, kind in zip(totals or [], kinds, strict=False)
        ]
        if totals and any(one is not None for one in totals) and page.items
        else [],
        "uncounted": sheet is not None and totals is None,
        "days": days_words(sheet.first, sheet.last, facts) if sheet else "",
        "next": f"{asked.path}?{urlencode([*pairs, ('after', page.next)])}" if page.next else None,
        "first": f"{asked.path}?{urlencode(pairs)}" if asked.typed("after") else None,
        "chart": kind,
        "drawn": _drawn(sheet) if sheet and kind else "",
        "shape": SHAPES.get(kind, ""),
        "rows_at": f"{asked.path}/chart?{urlencode(pairs)}",
    }


def _drawn(sheet: Sheet) -> str:
    """Say what the chart shows."""
    told = {"what": sheet.measure.label if sheet.measure else "", "side": sheet.columns[0].label}
    return _("%(what)s by %(side)s") % told


async def _offered(read: Read, request: Request, base: Base, asked: Asked) -> dict[str, Any]:
    """List what each filter offers."""
    words = span_words()
    found: dict[str, Any] = {
        "spans": list(words.items()),
        "usual": words[base.usual],
        "custom": asked.typed("span") == CUSTOM or (not asked.typed("span") and bool(asked.typed("from"))),
        "dated": not isinstance(base, OfList) or base.dated,
        "figures": None,
        "more": None,
        "stores_offered": [],
    }
    if isinstance(base, OfList) and base.more:
        found["more"] = (
            base.more[0],
            [(key, _("%(days)s days ahead") % {"days": days}) for key, days in base.more[1].items()],
        )
    if not isinstance(base, OfFigures):
        stores = await tenants.stores(read)
        if asked.path.rpartition("/")[2] not in WITHOUT_STORE:
            found["stores_offered"] = [(str(one.id), one.called) for one in stores]
        return found
    costs = scope(request).holds(VIEW_COSTS)
    quiet = Asked(
        asked.path, {name: value for name, value in asked.kept.items() if name not in asked.errors and name != "m"}
    )
    question = await question_in(read, quiet, base.usual, Seeing(costs))
    chosen = [name for name in asked.many("m") if name] or list(base.measures)
    found["figures"] = {
        "of": await choices(read, quiet, Section(tenant(request), question, costs)),
        "measures": [(key, one.words, key in chosen) for key, one in MEASURES.items() if costs or not one.costs],
        "sides": [(side, _(label)) for side, label in SIDES.items()],
        "side": _(SIDES[base.sides[0]]),
        "narrowed": [name for name in _NARROWING if asked.typed(name)],
    }
    return found

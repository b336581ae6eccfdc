"""The operator's pages of invoices: those of all businesses, as a list and as a file, and any of them as a PDF."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from starlette.requests import Request
from starlette.responses import Response

from retail.automation.exports.walking import Col, Walk
from retail.billing.invoice_pages import pdf_of
from retail.billing.plans import plans
from retail.billing.queries import invoice_of
from retail.console import business_pages as pages
from retail.console import files, invoices
from retail.console.invoices import STATES, Narrowed
from retail.kit.clock import business_day
from retail.kit.errors import NotFound
from retail.kit.text import dates_of
from retail.runtime.db import Unit
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, settings
from retail.runtime.web.pages import clock_of
from retail.runtime.web.responses import render
from retail.settings import settings_of_process
from retail.tenants.countries import usual_in
from retail.tenants.life import DELETED

AT: Final = "/platform/invoices"
TONES: Final = {"open": "warn", "overdue": "bad", "paid": "ok"}
_PAGE: Final = 50
_MONTHS: Final = 36
"""So many months, this one and those before, can be picked."""


async def index(request: Request) -> Response:
    """List the invoices of all businesses, the newest first."""
    asked, seller = Asked.of(request, AT), settings(request).seller
    zone = usual_in(seller.country).timezone
    async with db(request).platform() as unit:
        walk = _walk(unit, asked, zone, _PAGE)
        asked.refuse_others()
        page = await asked.page(walk)
        known = await plans(unit)
    return render(
        request, "console/invoices/index.html", asked.status, asked=asked, page=page, known=known, zone=zone,
        states=[(state, invoices.state_words(state)) for state in STATES], state_words=invoices.state_words,
        months=[(f"{one:%Y-%m}", format_date(one, "LLLL y", locale=dates_of("en-GB"))) for one in _months(unit, zone)],
        tones=TONES, clock_of=clock_of,
    )  # fmt: skip


async def paper(request: Request) -> Response:
    """Give any invoice of a business as a PDF, as its owner has it."""
    known = await pages.business_in(request)
    if known.status == DELETED:
        raise NotFound("invoice")
    async with db(request).read(pages.scope_in(request, known.id)) as read:
        found, every = await invoice_of(read, request.path_params["invoice"]), await plans(read)
    return await pdf_of(found, every, known.locale, known.timezone)


def _walk(unit: Unit, asked: Asked, zone: str, most: int = files.AT_ONCE) -> Walk:
    """Read the address; gives what reads a page of the list."""
    state, month = asked.choice("state", STATES, required=False), asked.option("month", _names(unit, zone))
    since, until = _within(month, zone)
    by = Narrowed(state, asked.text("q", 100), since, until)
    return lambda after: invoices.listed(unit, by, after=after, limit=most)


async def _begin(unit: Unit, asked: Asked) -> Walk:
    return _walk(unit, asked, usual_in(settings_of_process().seller.country).timezone)


export = files.as_file(
    "invoices",
    (
        Col("number", "plain"), Col("business"), Col("address", at="slug"), Col("state"),
        Col("issued_at", "moment"), Col("due_at", "moment"), Col("timezone"), Col("first_day", "plain", "period_first"),
        Col("last_day", "plain", "period_last"), Col("plan"), Col("paid", at="cycle"), Col("currency"),
        Col("net", "plain"), Col("tax", "plain"), Col("total", "plain"), Col("open", "plain"), Col("id", "plain"),
    ),
    _begin,
)  # fmt: skip


def _months(unit: Unit, zone: str) -> list[date]:
    today = business_day(unit.now, zone)
    counted = today.year * 12 + today.month - 1
    return [date((counted - back) // 12, (counted - back) % 12 + 1, 1) for back in range(_MONTHS)]


def _names(unit: Unit, zone: str) -> list[str]:
    return [f"{one:%Y-%m}" for one in _months(unit, zone)]


def _within(month: str, zone: str) -> tuple[datetime | None, datetime | None]:
    """Give the moments at which a month begins and ends by the seller's clock."""
    if not month:
        return None, None
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    begin, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, following))
    return begin, end

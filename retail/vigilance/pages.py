"""Pages of vigilance: cashiers beside each other, one of them over time, and the records behind each number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.analytics.sparks import spark
from retail.kit.errors import NotFound
from retail.kit.paging import DEFAULT_LIMIT, Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.risk.exceptions import KINDS, Exceptional, exceptional
from retail.risk.peers import Compared
from retail.risk.words import head_words, measure_note, measure_words, state_words
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.responses import render
from retail.sales.labels import receipt_label
from retail.tenants import queries as tenants
from retail.vigilance.asking import SPANS, Wanted, hidden_from, records_in, wanted_in
from retail.vigilance.report import Line, report
from retail.vigilance.scores import past
from retail.vigilance.writing import beside, decimal

PATH: Final = "/risk/cashiers"
RECORDS: Final = "/risk/exceptions"
_NAME: Final = "SELECT min(name) FROM membership WHERE tenant_id = $1 AND person_id = $2"


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure of a line, written: how often in a hundred sales, beside the others, and where its records are."""

    kind: str
    rate: str
    beside: str
    tone: str
    seen: int
    expected: str
    amount: int
    href: str


async def lines(read: Read, wanted: Wanted, *, limit: int, after: str | None = None) -> Page[Line]:
    """Give a page of the report. Raises Invalid for a cursor that is none."""
    begin = max(0, int(decode_cursor(after, int)[0])) if after else 0
    found = await report(read, wanted.first, wanted.last, stores=wanted.stores, but=wanted.but)
    found = [one for one in found if wanted.cashier in {None, one.cashier}]
    end = begin + limit
    return Page(found[begin:end], encode_cursor(end) if len(found) > end else None)


async def index(request: Request) -> Response:
    """Show cashiers beside each other, who stands out most first."""
    asked = Asked.of(request, PATH)
    async with db(request).read(scope(request)) as read:
        wanted = await wanted_in(read, asked)
        page = await asked.page(lambda after: lines(read, wanted, limit=DEFAULT_LIMIT, after=after))
        stores = await tenants.stores(read)
    place = tenant(request).locale
    return render(
        request, "vigilance/cashiers/index.html", asked.status, asked=asked, wanted=wanted,
        lines=[(one, _cells(one, wanted, place), _basket(one, place), _page_of(one, asked)) for one in page.items],
        kinds=[(head_words(kind), measure_words(kind), measure_note(kind)) for kind in KINDS], next=asked.next(page),
        store_choices=[(str(one.id), one.name) for one in stores], spans=_spans(),
    )  # fmt: skip


async def show(request: Request) -> Response:
    """Show one cashier: each measure beside the others, store by store."""
    cashier: UUID = request.path_params["cashier"]
    asked = Asked.of(request, f"{PATH}/{cashier}")
    async with db(request).read(scope(request)) as read:
        name = await read.fetchval(_NAME, read.tenant, cashier)
        if name is None or cashier == hidden_from(scope(request)):
            raise NotFound("cashier")
        wanted = await wanted_in(read, asked)
        found = [] if asked.errors else await report(read, wanted.first, wanted.last, stores=wanted.stores)
        mine = [one for one in found if one.cashier == cashier]
        pasts = [await past(read, cashier, one.store, wanted.last) for one in mine]
        stores = await tenants.stores(read)
    place = tenant(request).locale
    return render(
        request, "vigilance/cashiers/show.html", asked.status, asked=asked, wanted=wanted, name=name,
        kept=asked.kept | {"cashier": str(cashier)}, lines=[
            (one, _cells(one, wanted, place), _basket(one, place), then, spark([day.share for day in then.scores]))
            for one, then in zip(mine, pasts, strict=True)
        ],
        state_words=state_words,
        measure_words=measure_words, measure_note=measure_note, spans=_spans(),
        store_choices=[(str(one.id), one.name) for one in stores],
    )  # fmt: skip


async def records(request: Request) -> Response:
    """List the records behind the numbers, newest first."""
    asked = Asked.of(request, RECORDS)
    async with db(request).read(scope(request)) as read:
        wanted = await records_in(read, asked)
        page = await asked.page(lambda after: exceptional(read, wanted, limit=DEFAULT_LIMIT, after=after))
        stores = await tenants.stores(read)
        name = await read.fetchval(_NAME, read.tenant, wanted.cashier) if wanted.cashier else None
    return render(
        request, "vigilance/exceptions/index.html", asked.status, asked=asked, wanted=wanted, name=name,
        records=[(one, _named(one), _address(one)) for one in page.items], next=asked.next(page),
        store_choices=[(str(one.id), one.name) for one in stores], spans=_spans(),
        kinds=[(kind, measure_words(kind)) for kind in KINDS], measure_words=measure_words,
    )  # fmt: skip


def _spans() -> Sequence[tuple[str, str]]:
    return list(zip(SPANS, (_("Day"), _("Week"), _("Month")), strict=True))


def _cells(one: Line, wanted: Wanted, place: str) -> list[Cell]:
    return [_cell(one, kind, told, wanted, place) for kind, told in one.measures.items()]


def _cell(one: Line, kind: str, told: Compared, wanted: Wanted, place: str) -> Cell:
    query: dict[str, Any] = {
        "cashier": one.cashier, "store": one.store, "kind": kind, "from": wanted.first, "to": wanted.last,
    }  # fmt: skip
    return Cell(
        kind,
        "\u2013" if told.rate is None else decimal(told.rate, place),
        beside(told.times, place) if told.seen else "",
        told.tone,
        told.seen,
        "\u2013" if told.expected is None else decimal(told.expected, place),
        one.amounts[kind],
        f"{RECORDS}?{urlencode(query)}",
    )


def _basket(one: Line, place: str) -> str:
    return "" if one.basket_beside is None else beside(one.basket_beside, place)


def _page_of(one: Line, asked: Asked) -> str:
    kept = {name: value for name, value in asked.kept.items() if name in {"period", "from", "to"}}
    return f"{PATH}/{one.cashier}?{urlencode(kept)}" if kept else f"{PATH}/{one.cashier}"


def _named(one: Exceptional) -> str:
    """Name a record."""
    if one.number is not None:
        return receipt_label(one.till_code, one.number, one.document or "sale")
    return _("Void") if one.kind in {"void", "void_late"} else _("Drawer opened")


def _address(one: Exceptional) -> str:
    """Give where a record is looked at."""
    if one.kind in {"void", "void_late"}:
        return f"/voids#void-{one.subject}"
    return f"/shifts/{one.subject}" if one.kind == "no_sale" else f"/sales/{one.subject}"

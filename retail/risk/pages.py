"""Pages of risk: the alerts, one with its evidence and its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.kit.errors import Conflict, Invalid
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.risk import queries
from retail.risk.opening import Why, reasons_of
from retail.risk.operations import settle
from retail.risk.queries import STATES, Alert, Piece, Wanted
from retail.risk.rules import KINDS as OF_RULES
from retail.risk.tuning import CASE, SCORE, high_mark, tuned
from retail.risk.words import kind_words, measure_words, state_words, why
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.sales.labels import receipt_label
from retail.sales.queries import stored_sale
from retail.sales.risk_words import reason_words
from retail.sales.risks import Risk, receipt_of
from retail.tenants import queries as tenants

PATH: Final = "/risk"
KINDS: Final = (*OF_RULES, CASE, SCORE)


async def wanted_in(read: Read, asked: Asked) -> Wanted:
    """Read from an address which alerts are wanted."""
    stores = {one.id for one in await tenants.stores(read)}
    return Wanted(asked.one_of("store", stores), asked.option("kind", KINDS), asked.option("state", STATES))


async def index(request: Request) -> Response:
    """List alerts, newest first."""
    asked = Asked.of(request, PATH)
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        wanted = await wanted_in(read, asked)
        page = await asked.page(lambda after: queries.alerts(read, wanted, limit=DEFAULT_LIMIT, after=after))
    return render(
        request, "risk/alerts/index.html", asked.status, asked=asked, alerts=page.items, next=asked.next(page),
        store_choices=[(str(one.id), one.name) for one in stores],
        kinds=[(kind, kind_words(kind)) for kind in KINDS],
        states=[(state, state_words(state)) for state in STATES], kind_words=kind_words, state_words=state_words,
    )  # fmt: skip


async def show(request: Request) -> Response:
    """Show an alert: why it is there, in what it was seen, what somebody said to it."""
    return await _page(request, {}, {}, 200)


async def create_verdict(request: Request) -> Response:
    """Settle an alert."""
    fields = await Fields.read(request)
    try:
        await db(request).run(scope(request), settle, _id(request), fields.raw("verdict"), fields.raw("note"))
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _page(request, fields.values, {"": [refused.sentence()]}, 409)
    return redirect(request, PATH, said=_("Settled."))


async def _page(request: Request, typed: Mapping[str, str], errors: Mapping[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        alert = await queries.alert_of(read, _id(request))
        pieces = await queries.evidence(read, alert.id)
        reasons = await reasons_of(read, alert.id)
        stands = await tuned(read, alert.store, SCORE if alert.kind == SCORE else CASE)
        receipt = await _receipt(read, alert)
    return render(
        request, "risk/alerts/show.html", status, alert=alert, values=typed, errors=errors,
        pieces=[(piece, _words(piece), _address(piece)) for piece in pieces], stands=stands, receipt=receipt,
        reason_words=reason_words, mark=high_mark(stands),
        reasons=[(one, measure_words(one.measure), _behind(alert, one)) for one in reasons],
        named=kind_words(alert.kind), state=state_words(alert.state), why=why(alert.kind, alert.least, alert.minutes),
    )  # fmt: skip


async def _receipt(read: Read, alert: Alert) -> tuple[UUID, str, Risk] | None:
    """Give the receipt that a high score is about: its id, its name, its risk."""
    found = await receipt_of(read, alert.id) if alert.kind == SCORE else None
    if found is None:
        return None
    sale = await stored_sale(read, found[0])
    return found[0], receipt_label((await tenants.till(read, sale.till)).code, sale.number, sale.kind), found[1]


def _behind(alert: Alert, one: Why) -> str:
    """Give where the records behind a reason are."""
    query = {
        "cashier": alert.cashier, "store": alert.store, "kind": one.measure, "from": one.since, "to": one.business_date,
    }  # fmt: skip
    return f"/risk/exceptions?{urlencode(query)}"


def _words(piece: Piece) -> str:
    """Name a record."""
    if piece.number is not None:
        return receipt_label(piece.till_code, piece.number, piece.document or "sale")
    return _("Void") if piece.kind == "void" else _("Drawer opened")


def _address(piece: Piece) -> str:
    """Give where a record is looked at."""
    if piece.kind == "void":
        return f"/voids#void-{piece.subject}"
    return f"/shifts/{piece.subject}" if piece.kind == "no_sale" else f"/sales/{piece.subject}"


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["alert"]
    return found

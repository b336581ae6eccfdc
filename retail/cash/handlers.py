"""Pages of shifts: the list, one shift with its cash, the Z report on 80 mm paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.cash import listing, moves, queries
from retail.cash.drawers import drawer, facts
from retail.cash.evidence import causes
from retail.cash.rules import CASH_KINDS
from retail.catalog.queries import tax_namer
from retail.catalog.rules import tax_words
from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approval_pace import too_often
from retail.identity.approval_rules import Act
from retail.identity.approvals import Wanted, ask_or_wait
from retail.identity.permissions import PAY_OUT
from retail.kit.errors import DomainError, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, edge, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants import queries as tenants

STATES: Final = ("open", "closed", "differs", "waits")
_EMPTY: Final = {"kind": "pay_out", "amount": "", "reason": ""}


async def index(request: Request) -> Response:
    """List shifts; filters are in the address."""
    asked = Asked.of(request, "/shifts")
    async with db(request).read(scope(request)) as read:
        stores, tills = await tenants.stores(read), await tenants.tills(read)
        first, last = asked.period()
        wanted: dict[str, Any] = {
            "store": asked.one_of("store", {one.id for one in stores}),
            "till": asked.one_of("till", {one.id for one in tills}),
            "state": asked.option("state", STATES),
            "first_day": first,
            "last_day": last,
            "order": asked.order(listing.ORDERS),
        }
        page = await asked.page(lambda after: listing.shifts(read, limit=DEFAULT_LIMIT, after=after, **wanted))
        explained = await causes(read, tenant(request), [one.shift.id for one in page.items if one.variance_minor])
    return render(
        request,
        "cash/index.html",
        asked.status,
        asked=asked,
        shifts=page.items,
        store_choices=[(str(one.id), one.name) for one in stores],
        till_choices=[(str(one.id), f"{one.code} · {one.store_name}") for one in tills],
        states=[
            ("open", _("Open")),
            ("closed", _("Closed")),
            ("differs", _("Over or short")),
            ("waits", _("Not accepted")),
        ],
        likely={id: found[0].sentence for id, found in explained.items() if found},
        next=asked.next(page),
        live=f"{edge(request).base}/live?topic=shifts",
    )


async def show(request: Request) -> Response:
    """Show one shift: its figures, counts, cash moves, drawer openings, likely causes, supplements."""
    return await shift_page(request)


async def paper(request: Request) -> Response:
    """Show the Z report of a closed shift for an 80 mm printer; of an open one, go to what it has come to so far."""
    id: UUID = request.path_params["shift"]
    async with db(request).read(scope(request)) as read:
        known = await drawer(read, tenant(request), id)
        store = await tenants.store(read, known.shift.store)
        named = await tax_namer(read)
    if known.z is None:
        said = _("This shift is still open: its Z report is made when the drawer is counted. This is the X report.")
        return redirect(request, f"/shifts/{id}/x", said=said, tone="info")
    return render(request, "cash/z.html", **facts(known), store=store, **shown(known.z.report, named))


async def supplement_paper(request: Request) -> Response:
    """Show a supplement of a Z report for an 80 mm printer: the one that `number` names, else the last."""
    number = request.query_params.get("number", "")
    async with db(request).read(scope(request)) as read:
        known = await drawer(read, tenant(request), request.path_params["shift"])
        store = await tenants.store(read, known.shift.store)
        named = await tax_namer(read)
    wanted = [one for one in known.supplements if number in {"", str(one.number)}]
    if not wanted:
        raise NotFound("supplement")
    found = wanted[-1]
    return render(
        request, "cash/supplement.html", **facts(known), made=found, store=store, **shown(found.report, named)
    )


async def create_cash_move(request: Request) -> Response:
    """Pay cash in or out, or drop it to the safe."""
    id: UUID = request.path_params["shift"]
    fields = await Fields.read(request)
    move = fields.uuid("id", required=False) or new_id()
    kind = fields.choice("kind", CASH_KINDS)
    amount = fields.money("amount", tenant(request).money, least=1)
    reason = fields.text("reason", moves.REASON_MOST, required=True)
    approval = fields.uuid("approval", required=False)
    try:
        fields.check()
        now = db(request).clock.now()
        await db(request).run(scope(request), moves.move_cash_now, move, id, kind, amount, reason, now, approval)
    except Invalid as wrong:
        return await _page(request, fields.values, wrong.errors, 422)
    except NotFound:
        raise
    except ApprovalNeeded as needed:
        wanted = Wanted(PAY_OUT, UUID(int=0), Act(move), amount, None, reason, (), amount)
        return await _ask(request, wanted, approval, fields.values, needed)
    except DomainError as refused:
        return await _page(request, fields.values, {"": [refused.sentence()]}, refused.status)
    return redirect(request, f"/shifts/{id}", said=_("Recorded."))


async def _ask(
    request: Request, wanted: Wanted, before: UUID | None, values: dict[str, str], needed: ApprovalNeeded
) -> Response:
    """Ask for the approval of a pay-out, and show the form again: it goes through once somebody has granted it."""
    often = await too_often(request)
    if often is not None:
        return await _page(request, values, {"": [often.sentence()]}, often.status)
    async with db(request).begin(scope(request)) as tx:
        shift = await queries.shift(tx, request.path_params["shift"])
        there = replace(wanted, store=shift.store, till=shift.till)
        kept, said = await ask_or_wait(tx, there, before, needed)
    return await _page(request, values | {"approval": str(kept)}, {"": [said]}, needed.status)


async def _page(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    return await shift_page(request, status, values=_EMPTY | {"id": ""} | values, errors=errors)


async def shift_page(request: Request, status: int = 200, **more: Any) -> Response:  # noqa: ANN401 - the template's own
    """Render the page of one shift; `more` goes over what its forms hold."""
    async with db(request).read(scope(request)) as read:
        known = await drawer(read, tenant(request), request.path_params["shift"])
        named = await tax_namer(read)
    kinds = {
        "pay_in": _("Pay-in"),
        "pay_out": _("Pay-out"),
        "float": _("Change from the safe"),
        "drop": _("Drop to the safe"),
        "pick_up": _("Pick-up"),
    }
    forms: dict[str, Any] = {
        "values": _EMPTY | {"id": str(new_id())},
        "errors": {},
        "accepted": {"id": str(new_id()), "cause": known.causes[0].code if known.causes else "other", "note": ""},
        "wrong": {},
    }
    figures = shown(known.z.report, named) if known.z else {"report": {}, "taxes": [], "tenders": []}
    return render(request, "cash/show.html", status, **facts(known), kinds=kinds, **figures, **(forms | more))


def shown(report: Mapping[str, Any], named: Callable[[str, int], str]) -> dict[str, Any]:
    """Finish a report's lists for a page: taxes with what `named` calls them, tenders with their names."""
    names = {"cash": _("Cash"), "card": _("Card"), "down_payment": _("Down payment")}
    return {
        "report": report,
        "taxes": [
            dict(tax) | {"name": named(tax["code"], tax["rate_micros"]), "parts": _parts(tax)}
            for tax in report["taxes"]
        ],
        "tenders": [(names.get(kind, kind), amount) for kind, amount in report["tenders"].items()],
    }


def _parts(tax: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Name the parts of a report's tax, and what has none; reports of earlier days know of no parts."""
    parts = tax.get("parts", ())
    rest = tax["tax"] - sum(part["tax"] for part in parts)
    told = [(tax_words(part["rate_micros"], part["name"], part["rate_micros"]), part["tax"]) for part in parts]
    return [*told, (_("Without parts"), rest)] if parts and rest else told

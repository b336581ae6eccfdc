"""Pages of transfers: the list, a draft that is filled by scanning, unpacking, deciding, and the list on paper."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.permissions import MOVE_STOCK, SETTLE_TRANSFERS
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.runtime.db import Read, Tx
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import is_htmx, redirect, render
from retail.stock.errors import NotEnoughStock
from retail.stock.scanning import scanned
from retail.stock.store_choices import store_choices
from retail.stock.transfers import operations, queries, receiving, typed
from retail.stock.transfers.packing import shortages
from retail.stock.transfers.rules import DECISIONS, STATES, Line
from retail.stock.transfers.wording import at_line, decision_words, whom_to_ask
from retail.tenants import queries as tenants

Act = Callable[[Tx], Awaitable[object]]


def state_names() -> dict[str, str]:
    """Name the states of a transfer."""
    return {
        "draft": _("Draft"),
        "sent": _("On the way"),
        "received": _("Received"),
        "cancelled": _("Cancelled"),
    }


def step_names() -> dict[str, str]:
    """Name what is done with a transfer."""
    return {
        "drafted": _("Drafted"),
        "sent": _("Sent"),
        "received": _("Received"),
        "decided": _("Difference decided"),
        "cancelled": _("Cancelled"),
    }


async def index(request: Request) -> Response:
    """List transfers, newest first."""
    asked = Asked.of(request, "/stock/transfers")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store = asked.one_of("store", {one.id for one in stores})
        choices = await store_choices(read, stores, store)
        state, undecided = asked.option("state", STATES), asked.option("undecided", ("1",)) == "1"
        page = await asked.page(
            lambda after: queries.transfers(
                read, store=store, state=state, undecided=undecided, limit=DEFAULT_LIMIT, after=after
            )
        )
    return render(
        request,
        "stock/transfers/index.html",
        asked.status,
        asked=asked,
        transfers=page.items,
        states=state_names(),
        store_choices=choices,
        next=asked.next(page),
    )


async def new_transfer(request: Request) -> Response:
    """Show the form that begins a transfer."""
    values = {"id": str(new_id())} | {
        name: request.query_params.get(name, "")[:60] for name in ("from_store", "to_store")
    }
    return await _form(request, values | {"note": ""}, {})


async def create(request: Request) -> Response:
    """Begin a transfer."""
    fields = await Fields.read(request)
    id = fields.uuid("id", required=False) or new_id()
    from_store, to_store = fields.uuid("from_store"), fields.uuid("to_store")
    note = fields.text("note", operations.NOTE_MOST)
    try:
        fields.check()
        assert from_store is not None  # noqa: S101 - check() has refused a missing one
        assert to_store is not None  # noqa: S101 - the same
        new = operations.NewTransfer(id, from_store, to_store, note)
        await db(request).run(scope(request), operations.draft, new)
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422)
    return redirect(request, f"/stock/transfers/{id}")


async def show(request: Request) -> Response:
    """Show a transfer, with what can be done with it next."""
    return await _page(request)


async def add(request: Request) -> Response:
    """Put what was scanned into a draft, or count it in while a delivery is unpacked."""
    fields = await Fields.read(request)
    code = fields.scan("code", required=True)
    quantity = fields.quantity("quantity", required=False, above=Decimal(0)) or Decimal(1)
    stays: dict[str, str] = {}

    async def run(tx: Tx) -> None:
        fields.check()
        facts = await queries.transfer(tx, _id(request))
        if facts.state == "draft":
            await typed.put_typed(tx, facts.id, fields, await _held(tx, facts.id), whole=False)
            found = await scanned(tx, code)
            wanted = operations.Wanted(found.product, quantity, found.trace)
            await operations.add_to_line(tx, facts.id, wanted)
        else:
            typed.check_arrived(fields)
            found = await scanned(tx, code)
            line = await receiving.note_arrival(tx, facts.id, found.product, found.trace, quantity)
            stays.update(typed.after_scan(fields, line, quantity))

    return await _do(request, fields, run, None, stays)


async def set_lines(request: Request) -> Response:
    """Have a draft hold the quantities that were typed in its rows; zero, or `off`, takes a line off."""
    fields = await Fields.read(request)
    off = fields.uuid("off", required=False)

    async def run(tx: Tx) -> None:
        fields.check()
        lines = await _held(tx, _id(request))
        await typed.put_typed(tx, _id(request), fields, [one for one in lines if one.id != off], whole=off is None)
        for line in lines:
            if line.id == off:
                await operations.put_line(tx, _id(request), operations.Wanted(line.product, Decimal(0), line.trace))

    return await _do(request, fields, run, None)


async def dispatch(request: Request) -> Response:
    """Send a transfer off, with what is typed in its rows."""
    fields = await Fields.read(request)

    async def run(tx: Tx) -> None:
        await typed.put_typed(tx, _id(request), fields, await _held(tx, _id(request)), whole=True)
        await operations.send(tx, _id(request))

    return await _do(request, fields, run, _("Sent. It is on the way now."))


async def receipt(request: Request) -> Response:
    """Put what arrived on the shelf."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        lines = [one.line for one in await queries.lines(read, _id(request))]
    found = {
        line.id: receiving.Found(
            fields.quantity(f"arrived-{line.id}"), fields.quantity(f"damaged-{line.id}", required=False)
        )
        for line in lines
        if f"arrived-{line.id}" in fields
    }
    note, id = fields.text("note", operations.NOTE_MOST), fields.uuid("id", required=False) or new_id()

    async def run(tx: Tx) -> None:
        fields.check()
        if not fields.flag("beyond"):
            typed.ask_about_more(lines, found, fields.locale)
        await receiving.receive(tx, _id(request), id, found, note)

    return await _do(request, fields, run, _("Received. What arrived is on the shelf."))


async def decision(request: Request) -> Response:
    """Say who bears the differences."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        lines = [one.line for one in await queries.lines(read, _id(request)) if one.line.decision is None]
    chosen = {line.id: fields.choice(f"line-{line.id}", DECISIONS, required=False) for line in lines}
    reason = fields.text("reason", operations.NOTE_MOST, required=True)

    async def run(tx: Tx) -> None:
        fields.check()
        verdicts = {line: verdict for line, verdict in chosen.items() if verdict}
        if lines and not verdicts:
            raise Invalid({f"line-{lines[0].id}": [_("Pick who bears this difference.")]})
        try:
            await receiving.decide(tx, _id(request), verdicts, reason)
        except NotEnoughStock as short:
            raise at_line(short, lines, verdicts) from short

    return await _do(request, fields, run, _("Decided. The books are right again."))


async def cancellation(request: Request) -> Response:
    """Call a transfer off."""
    fields = await Fields.read(request)
    reason = fields.text("reason", operations.NOTE_MOST)
    return await _do(request, fields, lambda tx: operations.cancel(tx, _id(request), reason), _("Cancelled."))


async def on_paper(request: Request) -> Response:
    """Show the list that goes into the box."""
    async with db(request).read(scope(request)) as read:
        facts = await queries.transfer(read, _id(request))
        lines = await queries.lines(read, facts.id)
    return render(request, "stock/transfers/paper.html", transfer=facts, lines=lines)


def _id(request: Request) -> UUID:
    found: UUID = request.path_params["transfer"]
    return found


async def _held(read: Read, transfer: UUID) -> list[Line]:
    return [one.line for one in await queries.lines(read, transfer)]


async def _do(
    request: Request, fields: Fields, act: Act, said: str | None, stays: dict[str, str] | None = None
) -> Response:
    """Do something with a transfer and show it again; what was refused stands at its field, and `stays` in theirs."""
    try:
        await db(request).run(scope(request), act)
    except Invalid as wrong:
        return await _page(request, typed.kept(fields.values), wrong.errors, 422)
    except DomainError as refused:
        if refused.status in {403, 404}:
            raise
        return await _page(request, typed.kept(fields.values), {"": [refused.sentence()]}, refused.status)
    if said is None and is_htmx(request):
        return await _page(request, stays)
    return redirect(request, f"/stock/transfers/{_id(request)}", said=said or "")


async def _page(
    request: Request,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    who = scope(request)
    async with db(request).read(who) as read:
        facts = await queries.transfer(read, _id(request))
        lines = await queries.lines(read, facts.id)
        steps = await queries.steps(read, facts.id)
        whom = await whom_to_ask(read, facts)
        short: dict[str, list[str]] = {}
        if facts.state == "draft":
            short = await shortages(read, facts.from_store, [one.line for one in lines])
    may: dict[str, Any] = {
        "edit": any(who.may_in(MOVE_STOCK, one) for one in (facts.from_store, facts.to_store)),
        "send": who.may_in(MOVE_STOCK, facts.from_store),
        "receive": who.may_in(MOVE_STOCK, facts.to_store),
        "decide": who.may_in(SETTLE_TRANSFERS, facts.to_store),
    }
    return render(
        request,
        "stock/transfers/show.html",
        status,
        transfer=facts,
        lines=lines,
        steps=steps,
        values=values or {},
        errors=errors or {},
        short=short,
        states=state_names(),
        doing=step_names(),
        able=may,
        scanning=any(one.line.arrived is not None for one in lines),
        receipt=str(new_id()),
        **decision_words(facts),
        **whom,
    )


async def _form(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    filled = dict.fromkeys(("id", "from_store", "to_store", "note"), "") | values
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        choices = await store_choices(read, stores)
    return render(
        request, "stock/transfers/new.html", status, values=filled, errors=errors, store_choices=choices,
        open_choices=[(str(one.id), one.name) for one in stores if one.archived_at is None],
    )  # fmt: skip

"""Pages of counts: the list, starting one, counting on the phone, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries as catalog
from retail.identity.approval_errors import ApprovalNeeded
from retail.identity.approval_pace import too_often
from retail.identity.approvals import ask_or_wait
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT, Page, cut
from retail.kit.text import _, ngettext
from retail.runtime.db import Read, Row
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.stock.counts import finishing, listing, operations, queries
from retail.stock.counts.errors import CountAgain
from retail.stock.counts.operations import NewArea, NewCount
from retail.stock.counts.queries import CountFacts, Line
from retail.stock.counts.rules import CLASSES, KINDS, UNCOUNTED, net_and_gross, to_recount
from retail.stock.store_choices import store_choices
from retail.tenants import queries as tenants


async def index(request: Request) -> Response:
    """List counts, newest first."""
    asked = Asked.of(request, "/stock/counts")
    async with db(request).read(scope(request)) as read:
        stores = await tenants.stores(read)
        store, state = asked.one_of("store", {one.id for one in stores}), asked.option("state", queries.STATES)
        choices = await store_choices(read, stores, store)
        page = await asked.page(
            lambda after: queries.counts(read, store=store, state=state, limit=DEFAULT_LIMIT, after=after)
        )
    return render(
        request,
        "stock/counts/index.html",
        asked.status,
        asked=asked,
        counts=page.items,
        kinds=kind_words(),
        states=state_words(),
        store_choices=choices,
        next=asked.next(page),
    )


async def new(request: Request) -> Response:
    """Show the form that starts a count."""
    day = db(request).clock.now().date()
    values = {"name": _("Count of %(day)s") % {"day": day.isoformat()}, "areas": _("Sales floor")}
    return await _form(request, values, {})


async def create(request: Request) -> Response:
    """Start a count."""
    fields = await Fields.read(request)
    try:
        made = await db(request).run(scope(request), operations.start, _read(request, fields))
    except Invalid as wrong:
        return await _form(request, fields.values, wrong.errors, 422, fields.many("classes"))
    except DomainError as refused:
        return await _form(request, fields.values, {"store": [refused.sentence()]}, refused.status)
    return redirect(request, f"/stock/counts/{made}/entries")


def _read(request: Request, fields: Fields) -> NewCount:
    store = fields.uuid("store")
    kind = fields.choice("kind", KINDS)
    recount = fields.text("recount", 20)
    threshold = fields.money("recount", tenant(request).money, required=False) if recount else None
    category = fields.uuid("category", required=False)
    uncounted = fields.choice("uncounted", UNCOUNTED)
    areas = _areas(fields.text("areas", 600))
    classes = tuple(one for one in CLASSES if one in fields.many("classes"))
    wanted = NewCount(
        fields.uuid("id", required=False) or new_id(),
        store or UUID(int=0),
        fields.text("name", operations.NAME_MOST),
        areas,
        kind,
        fields.flag("blind"),
        classes if kind == "cycle" else (),
        category if kind == "some" else None,
        uncounted if kind == "full" else "keep",
        threshold,
    )
    fields.check()
    return wanted


def _areas(typed: str) -> list[NewArea]:
    """Read one area per line; the first is where customers take goods from."""
    names = [line.strip() for line in typed.splitlines() if line.strip()]
    return [NewArea(new_id(), name, at == 0) for at, name in enumerate(names)]


async def _form(
    request: Request,
    values: Mapping[str, str],
    errors: Mapping[str, list[str]],
    status: int = 200,
    classes: Sequence[str] = ("A",),
) -> Response:
    async with db(request).read(scope(request)) as read:
        stores = await tenants.open_stores(read)
        groups = await catalog.categories(read)
    filled = {"id": str(new_id()), "kind": "full", "store": "", "category": "", "uncounted": "keep", "recount": ""}
    filled |= {"name": "", "areas": "", "blind": ""} | dict(values)
    if len(stores) == 1:
        filled["store"] = str(stores[0].id)
    return render(
        request,
        "stock/counts/new.html",
        status,
        values=filled,
        errors=errors,
        classes=classes,
        kinds=list(kind_words().items()),
        store_choices=[(str(one.id), one.name) for one in stores],
        categories=[(str(one.id), one.called) for one in groups],
    )


async def show(request: Request) -> Response:
    """Show what was counted, what it differs by, and what is left to do."""
    return await _shown(request, {})


async def _shown(request: Request, errors: Mapping[str, list[str]], status: int = 200, approval: str = "") -> Response:
    id: UUID = request.path_params["count"]
    asked = Asked.of(request, f"/stock/counts/{id}")
    async with db(request).read(scope(request)) as read:
        of = await queries.count(read, id)
        if of.state == "finishing":
            return render(request, "stock/counts/finishing.html", status, count=of, work=await _work(read, of))
        lines = await queries.lines(read, of)
        called = await listing.called(read, of, asked.search())
    view = listing.view_asked(asked, of, lines, scope(request))
    again = listing.should_again(of, lines, scope(request))
    kept = listing.picked(lines, view, called, again)

    async def cut_out(after: str | None) -> Page[Line]:
        return cut(kept, lambda line: line.product, DEFAULT_LIMIT, after)

    page = await asked.page(cut_out)
    return render(
        request,
        "stock/counts/show.html",
        asked.status if status == 200 else status,
        asked=asked,
        count=of,
        lines=page.items,
        next=asked.next(page),
        kinds=kind_words(),
        states=state_words(),
        view=view,
        views=[(name, view_words(of)[name]) for name in listing.views(of, scope(request))],
        errors=errors,
        approval=approval,
        again=again,
        **_sums(request, of, lines),
    )


async def _work(read: Read, of: CountFacts) -> Row | None:
    """Tell how far the job that finishes a count is, and whether it has given up."""
    sql = "SELECT done, total, failed_at IS NOT NULL AS failed FROM job WHERE tenant_id = $1 AND id = $2"
    return await read.fetchrow(sql, read.tenant, of.job)


def _sums(request: Request, of: CountFacts, lines: Sequence[Line]) -> dict[str, Any]:
    """Say how far a count is and what it comes to, as far as the reader may know."""
    found = [line.outcome for line in lines if line.outcome is not None]
    costs = scope(request).holds(VIEW_COSTS)
    out = sum(1 for line in lines if line.left_out)
    net, gross = net_and_gross(found)
    return {
        "counted": len(found),
        "left_out": out,
        "left_out_said": listing.left_out(out) if out else "",
        "differing": sum(1 for one in found if one.variance),
        "net": net if costs else None,
        "gross": gross if costs else None,
        "hidden": queries.is_hidden(of, scope(request)),
        "costless": listing.costless(lines) if costs and not queries.is_hidden(of, scope(request)) else None,
    }


async def finish(request: Request) -> Response:
    """Finish a count; where somebody has to approve it, ask."""
    id: UUID = request.path_params["count"]
    fields = await Fields.read(request)
    approval = fields.uuid("approval", required=False)
    try:
        done = await db(request).run(scope(request), finishing.finish, id, approval)
    except ApprovalNeeded as needed:
        often = await too_often(request)
        if often is not None:
            return await _shown(request, {"": [often.sentence()]}, often.status, str(approval or ""))
        async with db(request).begin(scope(request)) as tx:
            of = await queries.count(tx, id)
            kept, said = await ask_or_wait(tx, await finishing.wanted(tx, of), approval, needed)
        return await _shown(request, {"": [said]}, needed.status, str(kept))
    except CountAgain as again:  # a page of its own address: loading it once more sends nothing again
        return redirect(request, f"/stock/counts/{id}", said=again.sentence(), tone="warn")
    except DomainError as refused:
        if refused.status == 404:
            raise
        return await _shown(request, {"": [refused.sentence()]}, refused.status)
    if done.state == "finishing":
        return redirect(request, f"/stock/counts/{done.id}")
    said = f"{_('Finished. The stock is what was counted.')} {await _left_out(request, done)}"
    return redirect(request, f"/stock/counts/{done.id}", said=said.strip())


async def _left_out(request: Request, of: CountFacts) -> str:
    """Say how many kits and services a finished count has left alone; nothing where there are none."""
    async with db(request).read(scope(request)) as read:
        many = sum(1 for line in await queries.lines(read, of) if line.left_out)
    return listing.left_out(many) if many else ""


async def count_again(request: Request) -> Response:
    """Have the ticked products counted again, or all that differ by too much."""
    id: UUID = request.path_params["count"]
    fields = await Fields.read(request)
    products = [_uuid(text) for text in fields.many("ids")]
    if not products:
        async with db(request).read(scope(request)) as read:
            of = await queries.count(read, id)
            found = [line.outcome for line in await queries.lines(read, of) if line.outcome is not None]
            products = [one.product for one in to_recount(found, of.recount_minor)]
            if queries.counts_blind(of, scope(request)):
                raise Invalid({"": [_("Tick the products to count again: this is a blind count.")]})
    many = await db(request).run(scope(request), operations.count_again, id, products)
    said = ngettext("%(num)d product is to be counted again.", "%(num)d products are to be counted again.", many)
    return redirect(request, f"/stock/counts/{id}?show=again", said=said % {"num": many})


async def cancel(request: Request) -> Response:
    """Give a count up."""
    id: UUID = request.path_params["count"]
    await db(request).run(scope(request), operations.cancel, id)
    return redirect(request, f"/stock/counts/{id}", said=_("Cancelled. The stock is as it was."))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Invalid({"": [_("Tick the products again.")]}) from wrong


def kind_words() -> dict[str, str]:
    """Name the kinds of counts."""
    return {"full": _("Everything"), "cycle": _("Some classes"), "some": _("One group")}


def state_words() -> dict[str, str]:
    """Name the states of counts."""
    return {
        "open": _("Being counted"),
        "finishing": _("Being finished"),
        "finished": _("Finished"),
        "cancelled": _("Cancelled"),
    }


def view_words(of: CountFacts) -> dict[str, str]:
    """Name the ways to look at a count's products."""
    rest = _("To count") if of.state == "open" else _("Not counted")
    return {"all": _("All"), "differing": _("Differing"), "again": _("Recount"), "open": rest}

"""The page on which people count: scan or type a product, say how many; made for a phone in one hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.queries import ProductFacts
from retail.kit.errors import DomainError, Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import is_htmx, redirect, render, toast
from retail.stock.counts import operations, queries
from retail.stock.counts.operations import NewEntry
from retail.stock.counts.rules import MODES
from retail.stock.members import last, renamed
from retail.stock.move_pages import Choice, choose

MOST_LATEST: Final = 8
MOST_AGAIN: Final = 30
_LONGEST: Final = 60


async def enter(request: Request) -> Response:
    """Show the page on which people count; area and way of counting stay as they were.

    `code` is what somebody picked from what is to be counted again.
    """
    query = request.query_params
    values = {name: query.get(name, "")[:_LONGEST] for name in ("code", "area")}
    values["mode"] = query.get("mode", "add")[:_LONGEST]
    return await _page(request, values, {})


async def create(request: Request) -> Response:
    """Record what somebody found; a product that isn't clear comes back as a choice."""
    id: UUID = request.path_params["count"]
    fields = await Fields.read(request)
    code = fields.raw("pick") or fields.scan("code", required=True)
    kept = fields.values | {"code": code}
    async with db(request).read(scope(request)) as read:
        choice = await choose(read, code)
        foreign = await _is_foreign(read, id, choice.product)
    try:
        if foreign and not fields.flag("beyond"):
            fields.error("code", _("Not in this count's group. Put it aside, or tick that it is counted along."))
        entry = _entry(fields, choice)
        with renamed(_on_page):
            await db(request).run(scope(request), operations.record, id, [entry])
    except Invalid as wrong:
        return _told(await _page(request, kept, wrong.errors, choice, foreign=foreign), fields, wrong.errors)
    except DomainError as refused:
        if refused.status == 404:
            raise
        errors = {"": [refused.sentence()]}
        return _told(await _page(request, kept, errors, status=refused.status), fields, errors)
    there = {"area": str(entry.area), "mode": entry.mode}
    if is_htmx(request):
        return await _page(request, there, {}, done=choice.product)
    return redirect(request, f"/stock/counts/{id}/entries?{urlencode(there)}")


def _told(response: Response, fields: Fields, errors: Mapping[str, list[str]]) -> Response:
    """Say what is wrong with an entry that waited on a device: the form that it was typed into is gone."""
    if not fields.raw("at"):
        return response
    return toast(response, " ".join(sentence for sentences in errors.values() for sentence in sentences), "bad")


async def _is_foreign(read: Read, id: UUID, product: ProductFacts | None) -> bool:
    """Claim that goods are not what this count is about: it narrows to a group or to classes, and they aren't in."""
    of = await queries.count(read, id)
    if product is None or of.kind == "full" or await queries.is_listed(read, id, product.id):
        return False
    return await queries.is_stocked(read, product.id)  # what isn't is refused, whatever is ticked


def _on_page(field: str) -> str:
    """Give the page's name of a field: "entries.0.product" is what stands in "code", and a store stands in none."""
    name = last(field)
    return {"product": "code", "store": ""}.get(name, name)


def _entry(fields: Fields, choice: Choice) -> NewEntry:
    """Read an entry; an empty quantity is one piece more. Raises Invalid."""
    mode = fields.choice("mode", MODES)
    area = fields.uuid("area")
    typed = fields.raw("quantity").strip()
    quantity = fields.quantity("quantity") if typed else Decimal(1)
    if not typed and mode == "set":
        fields.error("quantity", _("Type how many there are in all, or 0."))
    if choice.product is None and not fields.errors.get("code"):
        several = _("Several products fit. Tap the one you have.")
        missing = _("No product has this name, SKU or barcode. Scan it again, or type less of it.")
        fields.error("code", several if choice.found else missing)
    fields.check()
    if choice.product is None or area is None:
        raise Invalid(fields.errors)
    id = fields.uuid("id", required=False) or new_id()
    return NewEntry(id, choice.product.id, area, quantity, mode, _counted_at(fields.raw("at")))


def _counted_at(text: str) -> datetime | None:
    """Read when a device that had no network says that it was counted; what is no moment is now."""
    try:
        at = datetime.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        return None
    return at if at and at.tzinfo else None


async def _page(
    request: Request,
    values: Mapping[str, str],
    errors: Mapping[str, list[str]],
    choice: Choice | None = None,
    *,
    status: int | None = None,
    done: ProductFacts | None = None,
    foreign: bool = False,
) -> Response:
    id: UUID = request.path_params["count"]
    async with db(request).read(scope(request)) as read:
        of = await queries.count(read, id)
        areas = await queries.areas(read, id)
        latest = await queries.latest(read, id, MOST_LATEST, scope(request).actor.name)
        again = await queries.to_count_again(read, id, MOST_AGAIN + 1) if of.state == "open" else []
        just = await _just(read, of, done)
    filled = (
        {"code": "", "quantity": "", "mode": "add", "area": "", "beyond": ""} | dict(values) | {"id": str(new_id())}
    )
    if filled["area"] not in {str(one.id) for one in areas}:
        filled["area"] = str(areas[0].id)
    template = "stock/counts/_counting.html" if is_htmx(request) else "stock/counts/enter.html"
    return render(
        request,
        template,
        status or (422 if errors else 200),
        count=of,
        areas=[(str(one.id), one.name) for one in areas],
        values=filled,
        errors=errors,
        found=choice.found if choice else (),
        latest=latest,
        again=again[:MOST_AGAIN],
        more_again=len(again) > MOST_AGAIN,
        just=just,
        foreign=foreign,
    )


async def _just(read: Read, of: queries.CountFacts, done: ProductFacts | None) -> queries.Line | None:
    """Give what was just counted, with all that was found of it so far."""
    if done is None:
        return None
    found = await queries.lines(read, of, [done.id])
    return found[0] if found else None

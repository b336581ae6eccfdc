"""Pages of taxes beside their rates now: rates to come, parts, other ways to tax, exempt customers."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog import queries
from retail.catalog.handlers import uuid_in
from retail.catalog.rules import percent, read_percent
from retail.catalog.taxes import dating, keeping
from retail.catalog.taxes.keeping import ExemptionFacts
from retail.catalog.taxes.outlooks import outlook
from retail.catalog.taxes.parting import MOST_PARTS, parts_of
from retail.catalog.taxes.rules import Part
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

TAXES: Final = "/products/taxes"
_SPARE: Final = 2


async def show(request: Request) -> Response:
    """Show the rates of a tax by day, and its parts."""
    return await _one(request, {}, {})


async def date_rate(request: Request) -> Response:
    """Plan a rate from a day to come on."""
    id, fields = uuid_in(request), await Fields.read(request)
    try:
        day, rate = fields.day("from_date"), _rate(fields, "new_rate", required=True)
        fields.check()
        if day is not None:
            await db(request).run(scope(request), dating.date_rate, id, day, rate)
    except Invalid as wrong:
        return await _one(request, fields.values, wrong.errors, 422)
    return redirect(request, f"{TAXES}/{id}/rates", said=_("The rate is planned. The tills know it."))


async def undate_rate(request: Request) -> Response:
    """Take a planned rate back."""
    id = uuid_in(request)
    try:
        await db(request).run(scope(request), dating.undate_rate, uuid_in(request, "rate"))
    except Conflict as late:
        return redirect(request, f"{TAXES}/{id}/rates", said=late.sentence(), tone="warn")
    return redirect(request, f"{TAXES}/{id}/rates", said=_("The planned rate is taken back."))


async def put_parts(request: Request) -> Response:
    """Make a tax of parts, or of none, at once or from a day to come on."""
    id, fields = uuid_in(request), await Fields.read(request)
    try:
        day, parts = _parts(fields)
        fields.check()
        if day is None:
            await db(request).run(scope(request), keeping.put_parts, id, parts)
            return redirect(request, f"{TAXES}/{id}/rates", said=_("The parts are saved."))
        await db(request).run(scope(request), dating.date_parts, id, day, parts)
    except Invalid as wrong:
        return await _one(request, fields.values, wrong.errors, 422)
    return redirect(request, f"{TAXES}/{id}/rates", said=_("The parts are planned. The tills know it."))


async def preview_parts(request: Request) -> Response:
    """Show what typed parts come to and from when, without changing anything: the part of the page below the form."""
    fields = Fields(request.query_params, tenant(request).locale)
    try:
        day, parts = _parts(fields)
        fields.check()
        async with db(request).read(scope(request)) as read:
            found = await outlook(read, uuid_in(request), day, parts)
    except Invalid as wrong:
        sentences = list(dict.fromkeys(one for said in wrong.errors.values() for one in said))
        return render(request, "catalog/taxes/_outlook.html", 422, outlook=None, wrong=sentences)
    return render(request, "catalog/taxes/_outlook.html", outlook=found, wrong=[], percent=percent)


async def positions(request: Request) -> Response:
    """Show the other ways to tax a sale, and the form of a new one."""
    return await _positions(request, None, {}, {})


async def edit_position(request: Request) -> Response:
    """Show the form of one of them."""
    return await _positions(request, uuid_in(request), {}, {})


async def put_position(request: Request) -> Response:
    """Keep a way to tax, or change one."""
    known = uuid_in(request) if "id" in request.path_params else None
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        classes = await queries.tax_classes(read)
    try:
        name = fields.text("name", 40, required=True)
        place = fields.whole("position", required=False, least=0, most=99)
        mapping = {one.id: taxed for one in classes if (taxed := fields.uuid(f"as.{one.id}", required=False))}
        fields.check()
        await db(request).run(scope(request), keeping.put_position, known or new_id(), name, place, mapping)
    except Invalid as wrong:
        return await _positions(request, known, fields.values, wrong.errors, 422)
    said = _("%(name)s is saved. The tills offer it in a moment.") % {"name": name}
    return redirect(request, f"{TAXES}/positions", said=said)


async def archive_position(request: Request) -> Response:
    """Take a way to tax off the tills."""
    await db(request).run(scope(request), keeping.archive_position, uuid_in(request))
    return redirect(request, f"{TAXES}/positions", said=_("The tills no longer offer it."))


async def exemptions(request: Request) -> Response:
    """Show who need not pay a tax; the address may name the customer of a new exemption."""
    return await _exemptions(request, {"customer": request.query_params.get("customer", "")[:200]}, {})


async def exempt(request: Request) -> Response:
    """Let a customer off a tax."""
    fields = await Fields.read(request)
    try:
        facts = ExemptionFacts(
            fields.uuid("id", required=False) or new_id(),
            fields.text("customer", 200, required=True),
            fields.text("reason", 200, required=True),
            fields.uuid("tax_class", required=False),
            fields.day("starts_on") or date.min,
            fields.day("ends_on", required=False),
        )
        fields.check()
        await db(request).run(scope(request), keeping.exempt, facts)
    except Invalid as wrong:
        return await _exemptions(request, fields.values, wrong.errors, 422)
    return redirect(request, f"{TAXES}/exemptions", said=_("The customer is exempt. The tills know it in a moment."))


async def end_exemption(request: Request) -> Response:
    """End an exemption."""
    await db(request).run(scope(request), keeping.end_exemption, uuid_in(request))
    return redirect(request, f"{TAXES}/exemptions", said=_("The exemption has ended."))


def _rate(fields: Fields, name: str, *, required: bool) -> int:
    typed = fields.text(name, 12, required=required)
    rate = read_percent(typed) if typed else 0
    if rate is None:
        fields.error(name, _("Type a rate between 0 and 100 such as 19 or 5.5."))
    return rate or 0


def _parts(fields: Fields) -> tuple[date | None, list[Part]]:
    """Read the parts that were typed, and from when they are to hold: None is at once."""
    parts = []
    for at in range(MOST_PARTS + _SPARE):
        name = fields.text(f"part.{at}.name", 20)
        rate = _rate(fields, f"part.{at}.rate", required=bool(name))
        if not name and fields.raw(f"part.{at}.rate").strip():
            fields.error(f"part.{at}.name", _("Name this part, or empty its rate."))
        if name:
            parts.append(Part(name, rate, fields.flag(f"part.{at}.compound")))
    return fields.day("parts_from", required=False), parts


async def _one(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        found = await queries.tax_class(read, uuid_in(request))
        dated = await dating.dated_rates(read, found.id)
        parts = (await parts_of(read)).get(found.id, ())
    stored: dict[str, str] = {}
    for at, part in enumerate(parts):
        stored |= {
            f"part.{at}.name": part.name,
            f"part.{at}.rate": percent(part.rate_micros),
            f"part.{at}.compound": "on" if part.compound else "",
        }
    shown = [
        (one, percent(one.rate_micros), [(part, percent(part.rate_micros)) for part in one.parts])
        for one in dated
        if one.from_date != dating.BEGINNING
    ]
    return render(
        request,
        "catalog/taxes/rates.html",
        status,
        tax=found,
        rate=percent(found.rate_micros),
        dated=shown,
        parted=bool(parts),
        rows=[f"part.{at}" for at in range(min(MOST_PARTS, len(parts) + _SPARE))],
        values=stored | values,
        errors=errors,
    )


async def _positions(
    request: Request, id: UUID | None, values: dict[str, str], errors: dict[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        classes, found = await queries.tax_classes(read), await keeping.positions(read)
    one = next((position for position in found if position.id == id), None)
    if id is not None and one is None:
        raise NotFound("tax position")
    names = {tax.id: tax.name for tax in classes}
    stored = {"name": one.name, "position": str(one.place)} if one else {}
    stored |= {f"as.{given}": str(taxed) for given, taxed in one.mapping.items()} if one else {}
    return render(
        request,
        "catalog/taxes/positions.html",
        status,
        positions=[(row, [(names[a], names[b]) for a, b in row.mapping.items()]) for row in found],
        position=one,
        classes=[(f"as.{tax.id}", tax.name) for tax in classes],
        choices=[(str(tax.id), tax.name) for tax in classes],
        values=stored | values,
        errors=errors,
    )


async def _exemptions(
    request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200
) -> Response:
    async with db(request).read(scope(request)) as read:
        classes, found = await queries.tax_classes(read), await keeping.exemptions(read)
        today = read.now.date().isoformat()
    return render(
        request,
        "catalog/taxes/exemptions.html",
        status,
        exemptions=found,
        names={tax.id: tax.name for tax in classes},
        classes=[(str(tax.id), tax.name) for tax in classes],
        values={"id": str(new_id()), "starts_on": today} | values,
        errors=errors,
    )

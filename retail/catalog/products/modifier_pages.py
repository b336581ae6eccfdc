"""Pages of the choices at the till: the list with the form of a new one, and one to edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.products import modifiers, reading
from retail.catalog.products.modifier_lines import Unclear, Writing
from retail.catalog.products.modifiers import MOST_CHOSEN, MOST_PRICE, Group, Modifier
from retail.kit.errors import ChangedMeanwhile, Conflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.money import Currency
from retail.kit.text import _
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.meeting import Met, meet, was_in
from retail.runtime.web.responses import redirect, render

PATH: Final = "/products/choices"
_NAME: Final = 60


async def index(request: Request) -> Response:
    """List the choices, with the form of a new one."""
    return await _index(request, {"least": "0", "most": "1"}, {})


async def create(request: Request) -> Response:
    """Add a group of choices."""
    fields = await Fields.read(request)
    try:
        made = _group(fields, new_id(), tenant(request).money, ())
        await db(request).run(scope(request), modifiers.put_group, made)
    except Invalid as wrong:
        return await _index(request, fields.values, wrong.errors, 422)
    except Conflict as taken:
        return await _index(request, fields.values, {"name": [taken.sentence()]}, 422)
    return redirect(
        request, PATH, said=_("%(name)s is added. Pick it at the products that come with it.") % {"name": made.name}
    )


async def edit(request: Request) -> Response:
    """Show a group's form."""
    found = await _stored(request)
    return _one(request, found, _values(request, found) | {"seen": found.seen}, {})


async def update(request: Request) -> Response:
    """Change a group."""
    old = await _stored(request)
    fields = await Fields.read(request)
    try:
        made = _group(fields, old.id, tenant(request).money, old.modifiers)
        await db(request).run(scope(request), modifiers.put_group, made, fields.raw("seen"))
    except Invalid as wrong:
        return _one(request, old, fields.values, wrong.errors, 422)
    except ChangedMeanwhile as late:
        now = await _stored(request)
        met = meet(fields.values, was_in(fields.values), _values(request, now))
        return _one(request, now, met.values | {"seen": now.seen}, {"": [late.sentence()]}, 422, met)
    except Conflict as taken:
        return _one(request, old, fields.values, {"name": [taken.sentence()]}, 422)
    return redirect(request, PATH, said=_("%(name)s is saved. The tills have it in a moment.") % {"name": made.name})


async def remove(request: Request) -> Response:
    """Remove a group that no product has."""
    try:
        name = await db(request).run(scope(request), modifiers.remove_group, _id(request))
    except Conflict as used:
        return redirect(request, PATH, said=used.sentence(), tone="warn")
    return redirect(request, PATH, said=_("%(name)s is removed.") % {"name": name})


async def parts(request: Request) -> Response:
    """Find products that a kit may hold, for its form; only what was typed is answered."""
    asked = request.query_params.get("q", "")[:100].strip()
    async with db(request).read(scope(request)) as read:
        found = await reading.look_up(read, asked)
    return render(request, "catalog/products/_parts_found.html", found=found, asked=asked)


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError:
        raise NotFound("modifier_group") from None


async def _stored(request: Request) -> Group:
    async with db(request).read(scope(request)) as read:
        return await modifiers.group(read, _id(request))


def _group(fields: Fields, id: UUID, money: Currency, had: Sequence[Modifier]) -> Group:
    """Read the form; a modifier that keeps its name keeps its id, and a new minus has to be meant. Raises Invalid."""
    chosen = _modifiers(fields, money, {one.name.casefold(): one.id for one in had})
    less = [one.name for one in chosen if one.price_minor < 0 and one.price_minor not in _prices(had, one.name)]
    if less and not fields.flag("takes_off"):
        said = _("%(names)s would take something off the price. Write + for a price on top, or tick that it is meant.")
        fields.error("modifiers", said % {"names": ", ".join(less)})
    made = Group(
        id,
        fields.text("name", _NAME, required=True),
        fields.whole("least", least=0, most=MOST_CHOSEN),
        fields.whole("most", least=1, most=MOST_CHOSEN),
        chosen,
    )
    fields.check()
    return made


def _prices(of: Sequence[Modifier], name: str) -> set[int]:
    return {one.price_minor for one in of if one.name.casefold() == name.casefold()}


def _modifiers(fields: Fields, money: Currency, known: dict[str, UUID]) -> tuple[Modifier, ...]:
    found = []
    writing = Writing(money, fields.locale)
    for line in fields.text("modifiers", 6000, required=True).splitlines():
        if not line.strip():
            continue
        try:
            name, price = writing.read(line)
        except Unclear as wrong:
            fields.error("modifiers", str(wrong))
            continue
        if not name or len(name) > _NAME or abs(price) > MOST_PRICE:
            said = _("Write one per line, such as Extra cheese +1.50. Not so: %(line)s")
            fields.error("modifiers", said % {"line": line.strip()[:40]})
            continue
        found.append(Modifier(known.get(name.casefold()) or new_id(), name, price))
    return tuple(found)


def _values(request: Request, one: Group) -> dict[str, str]:
    facts = tenant(request)
    writing = Writing(facts.money, facts.locale)
    return {
        "name": one.name,
        "least": str(one.least),
        "most": str(one.most),
        "modifiers": "\n".join(writing.line(modifier.name, modifier.price_minor) for modifier in one.modifiers),
    }


async def _index(request: Request, values: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        found = await modifiers.groups(read)
    return render(request, "catalog/choices/index.html", status, groups=found, values=values, errors=errors)


def _one(  # noqa: PLR0917
    request: Request,
    group: Group,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
    met: Met | None = None,
) -> Response:
    return render(
        request,
        "catalog/choices/edit.html",
        status,
        group=group,
        values=values,
        errors=errors,
        was=was_in(values) if errors and not met else _values(request, group),
        stored_now=met.stored if met else {},
        stored_before=met.before if met else {},
    )

"""Pages of offers: the list, one with its form and a live example, starting, pausing and ending, what it has done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.handlers import uuid_in
from retail.catalog.products.reading import by_codes
from retail.catalog.queries import categories
from retail.identity.permissions import VIEW_COSTS
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _
from retail.promotions import forms, offers, reading, trials
from retail.promotions.examples import example
from retail.promotions.facts import OfferFacts
from retail.promotions.forms import ROWS, Around, codes_in, kinds, offer_in, products_in, values_of
from retail.promotions.kinds import KINDS
from retail.promotions.words import says, standing_words
from retail.promotions.words import why as why_not
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, scope, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render
from retail.tenants.queries import stores

PATH: Final = "/promotions"


async def index(request: Request) -> Response:
    """Show the offers that the address asks for."""
    asked = Asked.of(request, PATH)
    text = asked.search()
    standing, kind = asked.option("standing", reading.STANDINGS), asked.option("kind", tuple(KINDS))
    async with db(request).read(scope(request)) as read:
        page = await asked.page(
            lambda after: reading.offers(
                read, text=text, standing=standing, kind=kind, limit=DEFAULT_LIMIT, after=after
            )
        )
        now = read.now
    rows = [(one, one.standing(now), says(one, tenant(request))) for one in page.items]
    return render(
        request,
        "promotions/index.html",
        asked.status,
        asked=asked,
        offers=rows,
        next=asked.next(page),
        kinds=[(key, name) for key, name, _says in kinds()],
        standings=standing_words(),
    )


_WHOLE: Final = ("stores", "windows", "ends_at")
"""What is wrong with several fields at once."""


async def new(request: Request) -> Response:
    """Show the kinds, or the form of one of them."""
    kind = request.query_params.get("kind", "")
    if kind not in KINDS:
        return render(request, "promotions/kinds.html", kinds=kinds())
    return await _form(request, None, kind, {"terms.percent": "100" if kind == "buy_get" else ""}, {})


async def create(request: Request) -> Response:
    """Make an offer, as a draft."""
    return await _put(request, None)


async def show(request: Request) -> Response:
    """Show an offer."""
    async with db(request).read(scope(request)) as read:
        facts = await offers.offer(read, uuid_in(request))
        skus = await _skus(read, facts)
    return await _form(request, facts, facts.kind, values_of(facts, tenant(request), skus), {})


async def update(request: Request) -> Response:
    """Change an offer."""
    async with db(request).read(scope(request)) as read:
        facts = await offers.offer(read, uuid_in(request))
    return await _put(request, facts)


async def turn(request: Request) -> Response:
    """Start, pause or end an offer."""
    id, fields = uuid_in(request), await Fields.read(request)
    to = fields.choice("state", ("running", "paused", "ended"))
    try:
        fields.check()
        facts = await db(request).run(scope(request), offers.turn, id, to)
    except (Invalid, Conflict) as wrong:
        said = " ".join(" ".join(some) for some in wrong.errors.values()) if isinstance(wrong, Invalid) else ""
        return redirect(request, f"{PATH}/{id}", said=said or wrong.sentence(), tone="warn")
    said = {
        "running": _("%(name)s runs. The tills have it in a moment."),
        "paused": _("%(name)s rests. The tills stop in a moment."),
        "ended": _("%(name)s has ended."),
    }[facts.state]
    return redirect(request, f"{PATH}/{id}", said=said % {"name": facts.name})


async def duplicate(request: Request) -> Response:
    """Make a draft that is like an offer."""
    id = new_id()
    await db(request).run(scope(request), offers.duplicate, uuid_in(request), id)
    return redirect(request, f"{PATH}/{id}", said=_("This is a copy. Change what you like, then start it."))


async def discard(request: Request) -> Response:
    """Throw a draft away."""
    id = uuid_in(request)
    try:
        await db(request).run(scope(request), offers.discard, id)
    except Conflict as wrong:
        return redirect(request, f"{PATH}/{id}", said=wrong.sentence(), tone="warn")
    return redirect(request, PATH, said=_("The draft is gone."))


async def show_example(request: Request) -> Response:
    """Show what the form comes to, with goods of the shop: the part of the page beside it."""
    typed = dict(request.query_params)
    fields = Fields(typed | {"name": typed.get("name", "").strip() or "…"}, tenant(request).locale)
    kind, found = fields.raw("kind"), None
    errors: Mapping[str, Sequence[str]] = {}
    try:
        async with db(request).read(scope(request)) as read:
            wanted = await _read_form(read, request, fields, new_id(), kind if kind in KINDS else "percent")
            kept, errors = offers.problems(wanted)
            found = None if errors else await example(read, kept)
    except Invalid as invalid:
        errors = invalid.errors
    return render(
        request, "promotions/_example.html", **_exemplified(request, found), wrong=_typed_wrong(errors, typed)
    )


def _typed_wrong(errors: Mapping[str, Sequence[str]], typed: Mapping[str, str]) -> list[str]:
    """Give what is wrong with what somebody has typed; what is still empty is not wrong yet."""
    return [one for name, some in errors.items() if typed.get(name, "").strip() or name in _WHOLE for one in some]


def _exemplified(request: Request, found: Any) -> dict[str, Any]:  # noqa: ANN401 - an example or none
    why = why_not(found.verdict.state) if found and found.verdict and not found.off else ""
    return {"example": found, "why": why, "money_of": tenant(request).money}


async def _put(request: Request, before: OfferFacts | None) -> Response:
    fields = await Fields.read(request)
    kind = before.kind if before else fields.raw("kind")
    if kind not in KINDS:
        return render(request, "promotions/kinds.html", 422, kinds=kinds())
    id = before.id if before else new_id()
    try:
        async with db(request).read(scope(request)) as read:
            wanted = await _read_form(read, request, fields, id, kind)
        await db(request).run(scope(request), offers.update if before else offers.create, wanted)
    except Invalid as wrong:
        return await _form(request, before, kind, fields.values, wrong.errors, 422)
    except Conflict as late:
        return redirect(request, f"{PATH}/{id}", said=late.sentence(), tone="warn")
    said = _("%(name)s is saved.") if before else _("%(name)s is a draft. Try it, then start it.")
    return redirect(request, f"{PATH}/{id}", said=said % {"name": wanted.name})


async def _read_form(read: Read, request: Request, fields: Fields, id: UUID, kind: str) -> OfferFacts:
    around = Around(
        tenant(request),
        [one.id for one in await stores(read)],
        [one.id for one in await categories(read)],
        await by_codes(read, codes_in(fields)),
    )
    return offer_in(fields, id, kind, around)


async def _skus(read: Read, facts: OfferFacts) -> dict[str, str]:
    named = [UUID(one) for one in products_in(facts.terms)]
    rows = await read.fetch(
        "SELECT id, sku FROM product WHERE tenant_id = $1 AND id = ANY ($2::uuid[])", read.tenant, named
    )
    return {str(row["id"]): row["sku"] for row in rows}


async def _form(  # noqa: PLR0917 - what a form shows
    request: Request,
    facts: OfferFacts | None,
    kind: str,
    values: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 200,
) -> Response:
    async with db(request).read(scope(request)) as read:
        places, tree = await stores(read), await categories(read)
        done = await reading.done(read, facts.id) if facts else None
        tried = await trials.trials_of(read, facts.id) if facts else []
        found = await example(read, facts) if facts and not errors else None
        now = read.now
    return render(
        request,
        "promotions/offer.html" if facts else "promotions/new.html",
        status,
        facts=facts,
        offer_state=facts.standing(now) if facts else "draft",
        standings=dict(standing_words()),
        kind=kind,
        kind_name=next(name for key, name, _says in forms.kinds() if key == kind),
        says=says(facts, tenant(request)) if facts else "",
        values=values,
        errors=errors,
        rows=range(ROWS),
        places=[(f"store.{one.id}", one.name) for one in places if one.archived_at is None],
        tree=[(str(one.id), one.indented) for one in tree],
        days=[(f"day.{day}", name) for day, name in enumerate(_day_names())],
        done=done,
        with_costs=scope(request).holds(VIEW_COSTS),
        trials=tried,
        **_exemplified(request, found),
    )


def _day_names() -> list[str]:
    return [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]

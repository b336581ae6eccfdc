"""The JSON API of offers: made, changed by version, started, paused and ended; and what the tills have of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from retail.catalog.products.versions import lock_catalogue
from retail.identity.permissions import EDIT_CATALOGUE, SELL, VIEW_CATALOGUE, VIEW_COSTS
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.promotions import offers, reading
from retail.promotions.facts import OfferFacts
from retail.promotions.schemas import NewOffer, OfferChange, OfferState
from retail.promotions.sets import set_for_till
from retail.runtime.db import Tx
from retail.runtime.tenancy import Scope
from retail.runtime.web.api import DEFAULT_LIMIT, After, Limit, allow
from retail.runtime.web.context import db
from retail.runtime.web.idempotency import idempotent
from retail.runtime.web.matching import require_seen, tagged
from retail.runtime.web.responses import json_answer

router = APIRouter(tags=["promotions"])

_Standing = Literal["", "draft", "running", "to_come", "paused", "over", "ended"]


@router.get("/offers")
async def list_offers(
    request: Request,
    scope: Scope = allow(VIEW_CATALOGUE),
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
    q: Annotated[str, Query(max_length=100)] = "",
    standing: _Standing = "",
    kind: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """List offers, the newest first, narrowed by words of the name, by how they stand and by kind."""
    async with db(request).read(scope) as read:
        page = await reading.offers(read, text=q, standing=standing, kind=kind, limit=limit, after=after)
        return json_answer({"items": [_shown(one, read.now) for one in page.items], "next": page.next})


@router.post("/offers", status_code=201)
async def create_offer(request: Request, new: NewOffer, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Make an offer, as a draft."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            plain = OfferFacts(new.id or new_id(), new.name, new.kind, new.terms or {})
            return _shown(await offers.create(tx, new.over(plain)), tx.now)

        return (await idempotent(request, tx, "offers.create", make)).response()


@router.get("/offers/set")
async def set_of_offers(
    request: Request, store: UUID, since: Annotated[int, Query(ge=0)] = 0, scope: Scope = allow(SELL)
) -> Response:
    """Give what a store's tills work with: the running offers. Nothing where `since` is the version it has."""
    async with db(request).read(scope) as read:
        found = await set_for_till(read, store)
    return json_answer({"version": found["version"], "same": True} if since == found["version"] else found)


@router.get("/offers/{id}")
async def show_offer(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """Give one offer."""
    async with db(request).read(scope) as read:
        facts = await offers.offer(read, id)
        return tagged(json_answer(_shown(facts, read.now)), facts.version)


@router.get("/offers/{id}/performance")
async def show_performance(request: Request, id: UUID, scope: Scope = allow(VIEW_CATALOGUE)) -> Response:
    """Say what an offer has done: sales, given away, and to who may see costs the margin of its lines."""
    async with db(request).read(scope) as read:
        await offers.offer(read, id)
        done = await reading.done(read, id)
    costs = {"cost": done.cost_minor, "margin": done.margin_minor} if scope.holds(VIEW_COSTS) else {}
    top = [{"name": name, "given": given} for name, given in done.top]
    return json_answer({"sales": done.sales, "given": done.given_minor, "net": done.net_minor, "top": top, **costs})


@router.patch("/offers/{id}")
async def change_offer(
    request: Request, id: UUID, change: OfferChange, scope: Scope = allow(EDIT_CATALOGUE)
) -> Response:
    """Change an offer; fields left out stay. With `version` or If-Match only if it is still the one read."""

    async def run(tx: Tx) -> OfferFacts:
        before = await _seen(request, tx, id, change.version)
        kind = change.kind or before.kind
        if kind != before.kind and change.terms is None:
            raise Invalid({"terms": [_("Another kind has other terms. Send them with it.")]})
        return await offers.update(tx, replace(change.over(before)))

    return await _answer(request, scope, await db(request).run(scope, run))


@router.post("/offers/{id}/state")
async def turn_offer(request: Request, id: UUID, to: OfferState, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Start an offer, pause it or end it; the tills hear of it in a moment."""

    async def run(tx: Tx) -> OfferFacts:
        await _seen(request, tx, id, to.version)
        return await offers.turn(tx, id, to.state)

    return await _answer(request, scope, await db(request).run(scope, run))


@router.post("/offers/{id}/copies", status_code=201)
async def copy_offer(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Make a draft that is like an offer."""
    async with db(request).begin(scope) as tx:

        async def make() -> object:
            return _shown(await offers.duplicate(tx, id, new_id()), tx.now)

        return (await idempotent(request, tx, "offers.copy", make)).response()


@router.delete("/offers/{id}", status_code=204)
async def discard_offer(request: Request, id: UUID, scope: Scope = allow(EDIT_CATALOGUE)) -> Response:
    """Throw a draft away that no till ever had."""
    await db(request).run(scope, offers.discard, id)
    return Response(status_code=204)


async def _seen(request: Request, tx: Tx, id: UUID, version: int | None) -> OfferFacts:
    await lock_catalogue(tx)
    before = await offers.offer(tx, id)
    require_seen(request, before.version, version)
    return before


async def _answer(request: Request, scope: Scope, facts: OfferFacts) -> Response:
    async with db(request).read(scope) as read:
        return tagged(json_answer(_shown(facts, read.now)), facts.version)


def _shown(facts: OfferFacts, now: Any) -> dict[str, Any]:  # noqa: ANN401 - a moment
    wire = facts.wire()
    del wire["starts"], wire["ends"]
    return wire | {
        "state": facts.state,
        "standing": facts.standing(now),
        "starts_at": facts.starts_at,
        "ends_at": facts.ends_at,
        "updated_at": facts.updated_at,
    }

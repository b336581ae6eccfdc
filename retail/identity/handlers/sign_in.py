"""Signing in and out, and the way from there to the page that a person works on."""

from __future__ import annotations

import logging
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import queries
from retail.identity.credentials import check_credentials
from retail.identity.doorkeeper import MEMORY
from retail.identity.queries import Place
from retail.identity.rules import own_path
from retail.identity.sessions import close_session, give_cookie, open_session, take_cookie
from retail.identity.sockets import session_key
from retail.kit.errors import DomainError, TooMany, Unauthenticated
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.context import Person, db, edge
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

log = logging.getLogger("countertop.identity")


async def show(request: Request) -> Response:
    """Show the sign-in form; whoever is signed in goes on to their page."""
    if edge(request).person is not None:
        return redirect(request, own_path(request.query_params.get("next", "")), leave_tenant=True)
    return _form(request, {"next": request.query_params.get("next", "")})


async def create(request: Request) -> Response:
    """Sign somebody in; a form that doesn't fit comes back with 401, or 429 where a pause is due."""
    fields = await Fields.read(request)
    email = fields.text("email", 254).lower()
    try:
        account = await check_credentials(request, email, fields.raw("password"))
    except (Unauthenticated, TooMany) as refused:
        return _form(request, fields.values, refused)
    async with db(request).platform() as unit:
        secret = await open_session(unit, account, request, unit.now)
        places = await queries.places(unit, account.id)
    known = Person(account.id, account.name, account.email, operator=account.operator)
    await _record(request, "person.signed_in", known, places)
    response = redirect(request, own_path(fields.raw("next"), landing(known, places)), leave_tenant=True)
    give_cookie(response, request, secret)
    return response


async def destroy(request: Request) -> Response:
    """Sign out: the session ends here and now, and the browser forgets its cookie."""
    here = edge(request)
    response = redirect(request, "/sign-in", leave_tenant=True)
    if here.session is not None:
        async with db(request).platform() as unit:
            await close_session(unit, here.session, unit.now)
            places = await queries.places(unit, here.person.id) if here.person else []
        MEMORY.forget(token_hash=here.session)
        if here.process.hub is not None:
            here.process.hub.revoke(session_key(here.session))
        if here.person is not None:
            await _record(request, "person.signed_out", here.person, places)
    take_cookie(response, request)
    return response


async def home(request: Request) -> Response:
    """Lead to the page that a person works on; who belongs to several businesses picks one."""
    who = edge(request).person
    if who is None:
        return redirect(request, "/sign-in", leave_tenant=True)
    async with db(request).platform() as unit:
        places = await queries.places(unit, who.id)
    to = landing(who, places)
    if to != "/":
        return redirect(request, to, leave_tenant=True)
    return render(request, "identity/places.html", places=places)


def landing(who: Person, places: list[Place]) -> str:
    """Choose the first page: operators their console, who may see figures the day, others tills; "/" to choose."""
    if who.operator:
        return "/platform"
    if len(places) != 1:
        return "/"
    place = places[0]
    return f"/t/{place.slug}/" if place.dashboard else f"/t/{place.slug}/tills"


async def _record(request: Request, action: str, who: Person, places: list[Place]) -> None:
    """Put it into the trail of the businesses that the person belongs to, and into the log."""
    log.info(action, extra={"subject": str(who.id)})
    for place in places[:5]:
        scope = Scope(place.tenant_id, Actor("person", who.id, who.name), request_id=edge(request).request_id)
        async with db(request).begin(scope) as tx:
            tx.audit(action, "person", who.id)


def _form(request: Request, values: dict[str, str], refused: DomainError | None = None) -> Response:
    context: dict[str, Any] = {
        "values": values,
        "refusal": refused.sentence() if refused else "",
        "next": values.get("next", ""),
    }
    response = render(request, "identity/sign_in.html", refused.status if refused else 200, **context)
    if isinstance(refused, TooMany):
        response.headers["Retry-After"] = str(refused.retry_after)
    return response

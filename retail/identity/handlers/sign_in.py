"""Signing in and out: the password, the second step where the account has one, and the way to one's own page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import queries
from retail.identity.cookies import ATTEMPT, give_cookie, take_cookie
from retail.identity.credentials import check_credentials
from retail.identity.entering import (
    Attempt,
    Entered,
    attempt_of,
    begin_attempt,
    enter,
    finish_attempt,
    owes_second_factor,
)
from retail.identity.errors import SignInTooOld
from retail.identity.factors import second_factors
from retail.identity.handlers.passkeys import offer
from retail.identity.queries import Place
from retail.identity.rules import own_path
from retail.identity.sessions import Ended, close_session, forget
from retail.identity.trail import record
from retail.kit.errors import DomainError, TooMany, Unauthenticated
from retail.runtime.web.context import Person, db, edge
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render


async def show(request: Request) -> Response:
    """Show the sign-in form; whoever is signed in goes on to their page."""
    if edge(request).person is not None:
        return redirect(request, own_path(request.query_params.get("next", "")), leave_tenant=True)
    return _form(request, {"next": request.query_params.get("next", "")})


async def create(request: Request) -> Response:
    """Take the first step; a form that doesn't fit comes back with 401, or 429 where a pause is due."""
    fields = await Fields.read(request)
    email = fields.text("email", 254).lower()
    try:
        account = await check_credentials(request, email, fields.raw("password"))
    except (Unauthenticated, TooMany) as refused:
        return _form(request, fields.values, refused)
    if await owes_second_factor(request, account.id):
        secret = await begin_attempt(request, account.id, ["password"])
        response = redirect(request, _second(own_path(fields.raw("next"), "")), leave_tenant=True)
        give_cookie(response, request, secret, ATTEMPT)
        return response
    return _in(request, await enter(request, account.id, ["password"]), fields.raw("next"))


async def show_second(request: Request) -> Response:
    """Ask for the second step."""
    attempt = await attempt_of(request)
    if attempt is None:
        return redirect(request, "/sign-in", leave_tenant=True)
    return await _second_form(request, attempt, request.query_params.get("next", ""))


async def create_second(request: Request) -> Response:
    """Take the second step with a code of the app or of the list."""
    fields = await Fields.read(request)
    attempt = await attempt_of(request)
    if attempt is None:
        return _start_again(request, fields.raw("next"))
    try:
        entered = await finish_attempt(request, attempt, fields.text("code", 40))
    except SignInTooOld:
        return _start_again(request, fields.raw("next"))
    except Unauthenticated as refused:
        return await _second_form(request, attempt, fields.raw("next"), refused)
    return _in(request, entered, fields.raw("next"))


async def destroy(request: Request) -> Response:
    """Sign out: the session ends here and now, and the browser forgets its cookie and what it kept of pages."""
    here = edge(request)
    response = redirect(request, "/sign-in", leave_tenant=True)
    if here.session is not None:
        async with db(request).platform() as unit:
            await close_session(unit, here.session, unit.now)
            places = await queries.places(unit, here.person.id) if here.person else []
        if here.person is not None:
            forget(request, Ended(here.person.id, (here.session,)))
            await record(request, "person.signed_out", here.person.id, here.person.name, places)
    take_cookie(response, request)
    # not "storage": a till in the same browser keeps its unsent sales there
    response.headers["Clear-Site-Data"] = '"cache"'
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


def way_in(entered: Entered, wanted: str, host_slug: str = "") -> str:
    """Choose where somebody goes who has just signed in; at a business's own host, to that business."""
    if host_slug:
        there = [place.role for place in entered.places if place.slug == host_slug]
        return own_path(wanted if wanted != "/" else "", "/tills" if there == ["clerk"] else "/")
    return own_path(wanted, landing(entered.person, entered.places))


def _in(request: Request, entered: Entered, wanted: str) -> Response:
    return entered.give(redirect(request, way_in(entered, wanted, edge(request).host_slug), leave_tenant=True), request)


def _start_again(request: Request, wanted: str) -> Response:
    response = _form(request, {"next": wanted}, SignInTooOld())
    take_cookie(response, request, ATTEMPT)
    return response


def _second(wanted: str) -> str:
    return f"/sign-in/second?next={wanted}" if wanted else "/sign-in/second"


async def _second_form(request: Request, attempt: Attempt, wanted: str, refused: DomainError | None = None) -> Response:
    """Ask for what the account has; an attempt is there only once the password was right, so this tells nobody else."""
    async with db(request).platform() as unit:
        known = await second_factors(unit, attempt.person)
    return render(
        request,
        "identity/second_step.html",
        refused.status if refused else 200,
        email=attempt.email,
        next=own_path(wanted, ""),
        refusal=refused.sentence() if refused else "",
        has_app=known.app_since is not None,
        passkeys=bool(known.passkeys) and offer(request),
    )


def _form(request: Request, values: dict[str, str], refused: DomainError | None = None) -> Response:
    context: dict[str, Any] = {
        "values": values,
        "refusal": refused.sentence() if refused else "",
        "next": values.get("next", ""),
        "passkeys": offer(request),
    }
    response = render(request, "identity/sign_in.html", refused.status if refused else 200, **context)
    if isinstance(refused, TooMany):
        response.headers["Retry-After"] = str(refused.retry_after)
    return response

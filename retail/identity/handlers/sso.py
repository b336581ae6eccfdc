"""Signing in with a business's own accounts: find the business, go there, come back."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from retail.identity import oidc, queries
from retail.identity.cookies import browser_secret, cookie_name
from retail.identity.entering import Entered
from retail.identity.entry_errors import SsoFailed
from retail.identity.entry_mail import tell_person
from retail.identity.oidc import Begun, Way
from retail.identity.oidc_client import IdentityProviders
from retail.identity.oidc_rules import Claims
from retail.identity.queries import account_of
from retail.identity.rules import digest, new_secret, own_path
from retail.identity.sessions import open_session
from retail.identity.sign_ins import note_sign_in
from retail.identity.trail import record, record_refusal
from retail.kit.errors import NotFound
from retail.kit.text import _
from retail.runtime.tenancy import Scope
from retail.runtime.web.context import Person, db, edge, keyring, settings
from retail.runtime.web.limits import limiter
from retail.runtime.web.outgoing import Outgoing
from retail.runtime.web.responses import lead_away, redirect, render
from retail.runtime.web.routing import CONFIRMED_FOR

COOKIE: Final = "o"
_FROM_HERE: Final = frozenset({"same-origin", "none"})
log = logging.getLogger("countertop.identity")


def providers(request: Request) -> IdentityProviders:
    """Give the process's memory of identity providers."""
    process = edge(request).process
    if process.providers is None:
        process.providers = IdentityProviders(Outgoing.of(process.settings))
    found: IdentityProviders = process.providers
    return found


async def new(request: Request) -> Response:
    """Ask for the business, and show the ways in that fit what was typed."""
    typed = request.query_params.get("business", "")[:254].strip()
    found: list[Way] = []
    if typed:
        await _slow_down(request)
        async with db(request).platform() as unit:
            found = await oidc.ways(unit, typed)
    return render(
        request,
        "identity/sso/new.html",
        typed=typed,
        ways=found,
        next=own_path(request.query_params.get("next", ""), ""),
        refusal=_("We found no business that signs in this way. Check its short name.") if typed and not found else "",
    )


async def show(request: Request) -> Response:
    """Show one business's way in; a link from elsewhere ends here, so that nobody is signed in without a click."""
    way = await _way(request)
    return render(
        request,
        "identity/sso/show.html",
        way=way,
        host=way.issuer.split("/")[2],
        next=own_path(request.query_params.get("next", ""), ""),
    )


async def start(request: Request) -> Response:
    """Send the browser off to the identity provider."""
    way = await _way(request)
    if request.headers.get("sec-fetch-site", "none") not in _FROM_HERE:
        return redirect(request, f"/sign-in/sso/{way.tenant.slug}", leave_tenant=True)
    home = at_home(request, f"/sign-in/sso/{way.tenant.slug}")
    if home is not None:
        return home
    await _slow_down(request)
    return await send_off(request, way, own_path(request.query_params.get("next", ""), ""), tests=False)


def at_home(request: Request, path: str) -> Response | None:
    """Lead to the platform's own address first: the way back ends there, and the browser's cookie must be there too."""
    base = settings(request).base_url
    return None if edge(request).origin == base else RedirectResponse(base + path, 303)


async def send_off(request: Request, way: Way, back: str, *, tests: bool) -> Response:
    """Begin a sign-in in this browser and lead it to the provider. Raises SsoFailed.

    A test may come straight from the form that proves who one is, and no form is answered by another site.
    """
    browser = new_secret()
    begun = await db(request).run(
        Scope.system(way.tenant.id), oidc.begin, browser, _redirect_uri(request, way.tenant.slug), back, tests=tests
    )
    address = await providers(request).address(way.issuer, begun)
    response = lead_away(request, address) if tests else RedirectResponse(address, 303)
    response.set_cookie(
        cookie_name(request, COOKIE),
        browser,
        max_age=int(oidc.LIVES.total_seconds()),
        path="/",
        secure=edge(request).secure,
        httponly=True,
        samesite="lax",  # the way back is a link of another site
    )
    return response


async def callback(request: Request) -> Response:
    """Take whoever comes back from the identity provider; every refusal looks the same and says why in the log."""
    slug = request.path_params["slug"]
    try:
        response = await _come_back(request, slug)
    except SsoFailed as refused:
        log.warning("single sign-on refused", extra={"tenant": slug, "why": refused.why, "ip": edge(request).ip})
        await record_refusal(request, None, "sso")
        response = render(request, "identity/sso/failed.html", refused.status, sentence=refused.sentence(), slug=slug)
    response.delete_cookie(
        cookie_name(request, COOKIE), path="/", secure=edge(request).secure, httponly=True, samesite="lax"
    )
    return response


async def _come_back(request: Request, slug: str) -> Response:
    tenant, browser = await _tenant(request, slug), request.cookies.get(cookie_name(request, COOKIE), "")
    asked = request.query_params
    begun = await db(request).run(
        Scope.system(tenant), oidc.take, asked.get("state", ""), browser, _redirect_uri(request, slug)
    )
    claims = await _claims(request, tenant, begun)
    if begun.tests:
        await db(request).run(Scope.system(tenant), oidc.mark_tested)
        said = _("It works: the provider knows you as %(who)s.") % {"who": claims.email or claims.subject}
        return redirect(request, f"/t/{slug}/security", said=said, leave_tenant=True)
    entered = await _enter(request, tenant, claims)
    back = begun.back if begun.back.startswith(f"/t/{slug}/") else f"/t/{slug}/"
    return entered.give(redirect(request, own_path(back), leave_tenant=True), request)


async def _claims(request: Request, tenant: UUID, begun: Begun) -> Claims:
    """Redeem the code of the answer. Raises SsoFailed."""
    asked, known = request.query_params, providers(request)
    if "error" in asked or not asked.get("code"):
        raise SsoFailed(f"answer: {asked.get('error', 'no code')[:60]}")
    metadata = await known.metadata(begun.issuer)
    said_by = asked.get("iss")
    if said_by != begun.issuer and (said_by is not None or metadata.names_issuer):
        raise SsoFailed("answer: of another issuer")
    async with db(request).read(Scope.system(tenant)) as read:
        secret, now = await oidc.client_secret(read, keyring(request)), int(read.now.timestamp())
    return await known.claims(begun.issuer, begun.question, secret, asked["code"], now)


async def _enter(request: Request, tenant: UUID, claims: Claims) -> Entered:
    """Open a session that counts in this business alone, and is told of in its trail alone.

    The browser isn't known from it: what a business's provider says must not make guessing a password easier.
    """
    person, joined = await db(request).run(Scope.system(tenant), oidc.member_of, claims)
    async with db(request).read(Scope.system(tenant)) as read:
        known = await oidc.provider(read)
    twice = known is not None and known.checks_second_factor and claims.proved_twice
    factors = ["oidc", "oidc_second"] if twice else ["oidc"]
    async with db(request).platform() as unit:
        account = await account_of(unit, person)
        secret = await open_session(unit, person, request, factors)
        await unit.execute("SELECT auth_confirm_session($1, 'oidc', $2)", digest(secret), _proved_at(claims, unit.now))
        await unit.execute("SELECT auth_bind_session($1, $2)", digest(secret), tenant)
        await note_sign_in(unit, person, request, "accepted", factors)
        if joined:
            await tell_person(unit, account.email, "sso_joined", by=claims.issuer)
        places = [place for place in await queries.places(unit, person) if place.tenant_id == tenant]
    await record(request, "person.signed_in", person, account.name, places, factors=factors)
    return Entered(Person(person, account.name, account.email), places, secret, browser_secret(request))


def _proved_at(claims: Claims, now: datetime) -> datetime:
    """Give when the person last proved who they are; a provider that doesn't say may have let them in by a cookie."""
    if claims.proved_at is None:
        return now - CONFIRMED_FOR
    return datetime.fromtimestamp(claims.proved_at, UTC)


async def _way(request: Request) -> Way:
    async with db(request).platform() as unit:
        found = await oidc.ways(unit, request.path_params["slug"])
    if not found:
        raise NotFound("tenant")
    return found[0]


async def _tenant(request: Request, slug: str) -> UUID:
    async with db(request).platform() as unit:
        found: UUID | None = await unit.fetchval("SELECT id FROM auth_tenant($1)", slug)
    if found is None:
        raise NotFound("tenant")
    return found


async def _slow_down(request: Request) -> None:
    await limiter(request).attempt(("public", f"sso {edge(request).ip}"))


def _redirect_uri(request: Request, slug: str) -> str:
    return f"{settings(request).base_url}/sign-in/sso/{slug}/callback"

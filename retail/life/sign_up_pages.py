"""The public pages on which a business begins: where it is, what it is called, who owns it; and the mail's link."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.entering import enter
from retail.identity.operations import NewMember
from retail.identity.passwords import hash_password, password_fits
from retail.identity.rules import email_problems, password_problems
from retail.kit.errors import Invalid, TooMany
from retail.kit.text import _
from retail.life import sign_up
from retail.life.founding import Plan, free_slug, slug_is_free_to_take
from retail.runtime import switches
from retail.runtime.mail import BadAddress
from retail.runtime.web.context import db, edge, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limiter
from retail.runtime.web.responses import redirect, render
from retail.tenants.countries import COUNTRIES, CURRENCIES, ELSEWHERE, Country, usual_in
from retail.tenants.errors import SlugTaken

NO_REFERRER: Final = {"Referrer-Policy": "no-referrer"}
UNIFORM_SECONDS: Final = 0.3
"""Every answer takes at least so long: whether somebody has the address can't be read off a clock."""


async def new(request: Request) -> Response:
    """Ask for name and country first; then show what is usual there, to be changed before it is sent."""
    if not await _is_open(request):
        return render(request, "life/sign_up/shut.html", 403)
    name = request.query_params.get("name", "").strip()[:120]
    code = request.query_params.get("country", "")
    if code not in COUNTRIES and code != ELSEWHERE.code:
        days = await switches.REMEMBERED.value(db(request), switches.TRIAL_DAYS)
        return render(request, "life/sign_up/start.html", name=name, countries=_countries(), days=days)
    usual = usual_in(code)
    async with db(request).platform() as unit:
        slug = await free_slug(unit, name) if name else ""
    values = {
        "name": name,
        "slug": slug,
        "currency": usual.currency,
        "timezone": usual.timezone,
        "prices_include_tax": "true" if usual.prices_include_tax else "",
    }
    return _form(request, usual, values, {tax.code for tax in usual.taxes}, {}, 200)


async def create(request: Request) -> Response:
    """Keep what was asked for and send the link. The answer is the same for every address; 429 after 5 an hour."""
    await limiter(request).attempt(("mail.form", f"sign-up {edge(request).ip}"))
    if not await _is_open(request):
        return render(request, "life/sign_up/shut.html", 403)
    fields = await Fields.read(request)
    usual = usual_in(fields.raw("country"))
    chosen = {code for code in fields.many("tax") if code in {tax.code for tax in usual.taxes}}
    plan = _plan(fields, usual, chosen)
    owner, email = fields.text("owner", 120, required=True), fields.text("email", 254, required=True).lower()
    password = fields.raw("password")
    for problem in email_problems(email) if email else []:
        fields.error("email", problem)
    for problem in password_problems(password, (email, owner, plan.name, plan.slug)):
        fields.error("password", problem)
    try:
        await _check_slug(request, fields, plan.slug)
        fields.check()
    except Invalid as wrong:
        return _form(request, usual, fields.values, chosen, wrong.errors, 422)
    hashed = await hash_password(password)
    wanted = NewMember(email, owner, "owner", hashed)
    await asyncio.gather(_send(request, plan, wanted), asyncio.sleep(UNIFORM_SECONDS))
    return render(request, "life/sign_up/sent.html", 202, email=email, hours=sign_up.LIVES.total_seconds() // 3600)


async def _is_open(request: Request) -> bool:
    """Claim that strangers may sign up; links that were sent before work on."""
    return bool(await switches.REMEMBERED.value(db(request), switches.SIGN_UP))


async def show(request: Request) -> Response:
    """Show what a link founds; looking at it uses nothing up, as mail scanners look at every link."""
    secret = request.query_params.get("token", "")[:100]
    asked = await _asked(request, secret)
    return await _confirmation(request, secret, asked, {"slug": asked.plan.slug}, {}, 200)


async def confirm(request: Request) -> Response:
    """Found the business. New owners type their password again: who signed up and who reads the mail are one."""
    fields = await Fields.read(request)
    secret = fields.raw("token")[:100]
    asked = await _asked(request, secret)
    plan = replace(asked.plan, slug=fields.text("slug", 40, required=True).lower())
    if not asked.has_account:
        await limiter(request).attempt(("confirm", f"sign-up {asked.id}"))
        if not await password_fits(fields.raw("password"), asked.password_hash):
            fields.error("password", _("This isn't the password that you signed up with."))
    try:
        await _check_slug(request, fields, plan.slug)
        fields.check()
        here = edge(request)
        facts = await sign_up.confirm(db(request), secret, asked, plan, ip=here.ip, request_id=here.request_id)
    except Invalid as wrong:
        return await _confirmation(request, secret, asked, fields.values, wrong.errors, 422)
    except SlugTaken as taken:
        return await _confirmation(request, secret, asked, fields.values, {"slug": [taken.sentence()]}, 422)
    said = _("%(name)s is open. Here is what to do first.") % {"name": facts.name}
    to = f"/t/{facts.slug}/first-steps"
    if asked.has_account:
        return redirect(request, f"/sign-in?next={to}", said=said, leave_tenant=True)
    async with db(request).platform() as unit:
        person = await unit.fetchval("SELECT id FROM auth_person($1)", asked.email)
    entered = await enter(request, person, ["password"])
    return entered.give(redirect(request, to, said=said, leave_tenant=True), request)


async def _send(request: Request, plan: Plan, owner: NewMember) -> None:
    try:
        await limiter(request).attempt(("mail.form", f"sign-up {owner.email}"))
        async with db(request).platform() as unit:
            await sign_up.ask(unit, plan, owner, settings(request).base_url)
    except (TooMany, BadAddress):  # silent: it would tell which addresses were asked for
        return


async def _asked(request: Request, secret: str) -> sign_up.SignUp:
    await limiter(request).attempt(("public", f"sign-up {edge(request).ip}"))
    async with db(request).platform() as unit:
        return await sign_up.asked_with(unit, secret)


def _plan(fields: Fields, usual: Country, chosen: set[str]) -> Plan:
    zone = fields.text("timezone", 64, required=True)
    if zone and zone not in available_timezones():
        fields.error("timezone", _("Pick a time zone such as Europe/Berlin."))
    if not chosen:
        fields.error("tax", _("Pick at least one. You can change rates and add others later."))
    return Plan(
        fields.text("slug", 40, required=True).lower(),
        fields.text("name", 120, required=True),
        usual.code,
        fields.choice("currency", CURRENCIES),
        zone,
        fields.flag("prices_include_tax"),
        tuple(tax for tax in usual.taxes if tax.code in chosen),
    )


async def _check_slug(request: Request, fields: Fields, slug: str) -> None:
    if not slug:
        return
    if not slug_is_free_to_take(slug):
        fields.error("slug", _("Use 3 to 40 small letters, digits or hyphens; some words are kept for ourselves."))
        return
    async with db(request).platform() as unit:
        if await unit.fetchval("SELECT auth_slug_taken($1)", slug):
            fields.error("slug", SlugTaken().sentence())


def _countries() -> list[tuple[str, str]]:
    named = sorted((one.words, one.code) for one in COUNTRIES.values())
    return [(code, words) for words, code in named] + [(ELSEWHERE.code, ELSEWHERE.words)]


def _form(  # noqa: PLR0917 - what a form is filled with
    request: Request,
    usual: Country,
    values: Mapping[str, str],
    chosen: set[str],
    errors: Mapping[str, Any],
    status: int,
) -> Response:
    return render(
        request,
        "life/sign_up/new.html",
        status,
        usual=usual,
        values=values,
        chosen=chosen,
        errors=errors,
        currencies=[(code, code) for code in CURRENCIES],
        zones=sorted(available_timezones()),
        where=_address(request),
    )


async def _confirmation(  # noqa: PLR0917 - what a form is filled with
    request: Request,
    secret: str,
    asked: sign_up.SignUp,
    values: Mapping[str, str],
    errors: Mapping[str, list[str]],
    status: int,
) -> Response:
    response = render(
        request,
        "life/sign_up/confirm.html",
        status,
        asked=asked,
        token=secret,
        values=values,
        errors=errors,
        where=_address(request),
    )
    response.headers.update(NO_REFERRER)
    return response


def _address(request: Request) -> tuple[str, str]:
    """Give what stands before and behind a business's own part of its address."""
    domain = settings(request).base_domain
    return ("", f".{domain}") if domain else ("/t/", "")

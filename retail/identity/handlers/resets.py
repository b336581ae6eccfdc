"""The pages of a forgotten password: ask for a link, and set a new password with it."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import queries, resets
from retail.identity.account_mail import tell
from retail.identity.passwords import hash_password
from retail.identity.rules import email_problems, password_problems
from retail.identity.sessions import forget
from retail.identity.trail import record
from retail.kit.errors import Invalid, TooMany
from retail.kit.text import _
from retail.runtime.web.context import db, edge, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limiter
from retail.runtime.web.responses import redirect, render

NO_REFERRER: Final = {"Referrer-Policy": "no-referrer"}
UNIFORM_SECONDS: Final = 0.3
"""Every answer takes at least so long: whether somebody has the address can't be read off a clock."""


async def new(request: Request) -> Response:
    """Ask which account."""
    return render(request, "identity/resets/new.html", values={}, errors={})


async def create(request: Request) -> Response:
    """Send a link, if anybody has the address. The answer is the same if nobody has, or if too many were asked for."""
    fields = await Fields.read(request)
    email = fields.text("email", 254, required=True).lower()
    for problem in email_problems(email) if email else []:
        fields.error("email", problem)
    if fields.errors:
        return render(request, "identity/resets/new.html", 422, values=fields.values, errors=fields.errors)
    await asyncio.gather(_send(request, email), asyncio.sleep(UNIFORM_SECONDS))
    return render(request, "identity/resets/sent.html", 202, minutes=resets.LIVES.seconds // 60)


async def show(request: Request) -> Response:
    """Show the form for a new password to whoever has the link."""
    secret = request.query_params.get("token", "")[:100]
    await _slow_down(request)
    async with db(request).platform() as unit:
        await resets.reset_of(unit, secret)
    return _form(request, secret, {}, 200)


async def update(request: Request) -> Response:
    """Set the password. Whoever has a second factor is asked for it at the sign-in that follows."""
    fields = await Fields.read(request)
    secret, password = fields.raw("token")[:100], fields.raw("password")
    await _slow_down(request)
    async with db(request).platform() as unit:
        whose = await resets.reset_of(unit, secret)
        about = await queries.about(unit, whose.person_id, whose.email, whose.name)
    for problem in password_problems(password, about):
        fields.error("password", problem)
    try:
        fields.check()
    except Invalid as invalid:
        return _form(request, secret, invalid.errors, 422)
    hashed = await hash_password(password)
    async with db(request).platform() as unit:
        ended = await resets.set_password(unit, secret, hashed)
        await tell(unit, request, whose.email, "password_changed")
        places = await queries.places(unit, whose.person_id)
    forget(request, ended)
    await record(request, "person.password_reset", whose.person_id, whose.name, places)
    said = _("Your new password is set, and all your devices were signed out. Sign in with it.")
    return redirect(request, "/sign-in", said=said, leave_tenant=True)


async def _send(request: Request, email: str) -> None:
    try:
        await limiter(request).attempt(("mail.form", f"reset {email}"), ("mail.form", f"reset {edge(request).ip}"))
    except TooMany:  # silent: the limit would tell which addresses were asked for
        return
    async with db(request).platform() as unit:
        await resets.ask_for_reset(unit, email, settings(request).base_url)


async def _slow_down(request: Request) -> None:
    await limiter(request).attempt(("public", f"reset {edge(request).ip}"))


def _form(request: Request, secret: str, errors: dict[str, list[str]], status: int) -> Response:
    response = render(request, "identity/resets/edit.html", status, token=secret, errors=errors)
    response.headers.update(NO_REFERRER)
    return response

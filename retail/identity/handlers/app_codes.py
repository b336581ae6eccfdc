"""The authenticator app and the recovery codes: set up, made anew, taken away."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.errors import WrongCode
from retail.identity.factors import accept_app, first_codes, new_codes, propose_app, remove_app, second_factors
from retail.identity.handlers.own import change_credentials, own, settle
from retail.identity.totp import qr_path, readable_secret, setup_address
from retail.kit.errors import TooMany
from retail.kit.text import _
from retail.runtime.web.context import db, edge, keyring
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limiter
from retail.runtime.web.responses import redirect, render

_BUCKET: Final = "code"


async def show(request: Request) -> Response:
    """Show the QR code to scan; the secret counts once a code of it was typed."""
    return await _form(request, {})


async def create(request: Request) -> Response:
    """Let the app count once it gives a fitting code, and show recovery codes where there are none."""
    fields, who = await Fields.read(request), own(request)
    code = fields.text("code", 20, required=True)
    try:
        await limiter(request).attempt((_BUCKET, f"set up {who.id}"))
    except TooMany as stop:
        return await _form(request, {"code": [stop.sentence()]}, 429)
    keys = keyring(request)
    async with db(request).platform() as unit:
        accepted = await accept_app(unit, keys, who.id, code)
        if accepted:
            codes = await first_codes(unit, keys, who.id)
            change = await change_credentials(request, unit, "app_added", proof="totp")
    if not accepted:
        return await _form(request, {"code": [WrongCode().sentence()]}, 422)
    said = _("From now on signing in asks for a code of your app.")
    if codes:
        return await settle(request, _codes_page(request, codes, said), change, "app_added")
    return await settle(request, redirect(request, "/account", said=said, leave_tenant=True), change, "app_added")


async def remove(request: Request) -> Response:
    """Take the app away."""
    who = own(request)
    async with db(request).platform() as unit:
        await remove_app(unit, who.id)
        change = await change_credentials(request, unit, "app_removed")
    said = _("The app was removed. Other devices were signed out.")
    return await settle(request, redirect(request, "/account", said=said, leave_tenant=True), change, "app_removed")


async def make_codes(request: Request) -> Response:
    """Make new recovery codes; the old ones stop working."""
    who = own(request)
    async with db(request).platform() as unit:
        factors = await second_factors(unit, who.id)
        codes = await new_codes(unit, keyring(request), who.id) if factors.any else []
        change = await change_credentials(request, unit, "codes_made", end=False) if codes else None
    if change is None:
        said = _("Set up an app or a passkey first; recovery codes are for when you lose it.")
        return redirect(request, "/account", said=said, tone="warn", leave_tenant=True)
    page = _codes_page(request, codes, _("These are your new recovery codes. The old ones no longer work."))
    return await settle(request, page, change, "codes_made")


def _codes_page(request: Request, codes: list[str], said: str) -> Response:
    email = own(request).person.email
    page = "identity/account/codes.html"
    return render(request, page, codes=codes, said=said, text="\n".join(codes), email=email)


async def _form(request: Request, errors: dict[str, list[str]], status: int = 200) -> Response:
    who = own(request)
    async with db(request).platform() as unit:
        secret = await propose_app(unit, keyring(request), who.id)
        factors = await second_factors(unit, who.id)
    size, path = qr_path(setup_address(secret, who.person.email))
    return render(
        request,
        "identity/account/app.html",
        status,
        size=size,
        path=path,
        secret=readable_secret(secret),
        errors=errors,
        replaces=factors.app_since is not None,
        due=edge(request).second_factor_by,
        now=db(request).clock.now(),
    )

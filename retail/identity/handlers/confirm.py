"""Confirm it's you: a fresh proof before something sensitive, good for ten minutes of this session."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.credentials import check_own_password
from retail.identity.doorkeeper import MEMORY
from retail.identity.entering import prove_code
from retail.identity.errors import WrongPassword
from retail.identity.factors import second_factors
from retail.identity.handlers import passkeys
from retail.identity.handlers.held import Held
from retail.identity.handlers.own import own
from retail.identity.rules import own_path
from retail.kit.errors import DomainError, TooMany, Unauthenticated
from retail.kit.text import _
from retail.runtime.web.context import db
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import json_answer, redirect, render


async def show(request: Request) -> Response:
    """Ask for a proof."""
    own(request)
    return await _form(request, request.query_params.get("next", ""))


async def hold(request: Request) -> Response:
    """Ask for a proof for a form that was sent without one; what was typed waits in the page. Raises Invalid."""
    own(request)
    return await _form(request, request.query_params.get("next", ""), held=await Held.arriving(request), status=403)


async def by_password(request: Request) -> Response:
    """Take the password as the proof."""
    fields, who = await Fields.read(request), own(request)
    try:
        await check_own_password(request, who.id, fields.raw("password"), who.session)
    except (Unauthenticated, TooMany) as refused:
        said = (
            _("This is not your password. Type it again.") if isinstance(refused, WrongPassword) else refused.sentence()
        )
        return await _form(request, fields.raw("next"), refused, "password", said, held=Held.carried(fields))
    return await _on(request, "password", fields)


async def by_code(request: Request) -> Response:
    """Take a code of the app, or of the recovery list, as the proof."""
    fields, who = await Fields.read(request), own(request)
    try:
        proof = await prove_code(request, who.id, who.person.email, fields.text("code", 40))
    except (Unauthenticated, TooMany) as refused:
        held = Held.carried(fields)
        return await _form(request, fields.raw("next"), refused, "code", refused.sentence(), held=held)
    return await _on(request, proof, fields)


async def by_passkey(request: Request) -> Response:
    """Take a passkey as the proof."""
    body = await passkeys.read_body(request)
    await passkeys.prove(request, body)
    await _confirm(request, "passkey")
    return json_answer({"to": own_path(str(body.get("next", "")))})


async def _on(request: Request, proof: str, fields: Fields) -> Response:
    """Note the proof and lead back; a form that waits goes on instead, to where it was sent."""
    held = Held.carried(fields)
    await _confirm(request, proof)
    if held is not None:
        return render(request, "identity/going_on.html", held=held)
    said = _("Thank you. If you had pressed a button, press it again; for ten minutes you won't be asked.")
    return redirect(request, own_path(fields.raw("next")), said=said, leave_tenant=True)


async def _confirm(request: Request, proof: str) -> None:
    """Note the proof. A wrong one ends nothing: whoever is signed in may try again, ever more slowly."""
    who = own(request)
    async with db(request).platform() as unit:
        await unit.execute("SELECT auth_confirm_session($1, $2, $3)", who.session, proof, unit.now)
    MEMORY.forget(token_hash=who.session)


async def _form(
    request: Request,
    wanted: str,
    refused: DomainError | None = None,
    tried: str = "",
    said: str = "",
    *,
    held: Held | None = None,
    status: int = 200,
) -> Response:
    async with db(request).platform() as unit:
        factors = await second_factors(unit, own(request).id)
    response = render(
        request,
        "identity/confirm.html",
        refused.status if refused else status,
        next=own_path(wanted),
        held=held,
        refusal=said,
        tried=tried,
        has_code=factors.app_since is not None or factors.codes_left > 0,
        passkeys=bool(factors.passkeys) and passkeys.offer(request),
    )
    if isinstance(refused, TooMany):
        response.headers["Retry-After"] = str(refused.retry_after)
    return response

"""Passkeys: their challenges and answers, as static/js/passkey.js asks for them. JSON in, JSON out."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import passkeys
from retail.identity.cookies import CHALLENGE, give_cookie, read_cookie
from retail.identity.entering import enter
from retail.identity.errors import NoPasskeysHere, PasskeyRefused
from retail.identity.factors import tidy_codes
from retail.identity.handlers.own import change_credentials, own, settle, wanted_id
from retail.identity.passkeys import NAME_MOST, RelyingParty, relying_party
from retail.identity.rules import digest, new_secret
from retail.identity.trail import record_refusal
from retail.kit.errors import Invalid, NotFound
from retail.kit.text import _
from retail.runtime.web.address import network_of
from retail.runtime.web.context import db, edge, settings
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import json_answer, redirect

_MOST: Final = 100_000


def offer(request: Request) -> bool:
    """Claim that this page's address is one that passkeys are made for."""
    party = relying_party(settings(request))
    return party is not None and party.has_place_at(edge(request).origin)


def offered_at(request: Request) -> str:
    """Give the address at which passkeys work, '' where none is set."""
    party = relying_party(settings(request))
    return party.origins[0] if party else ""


async def ask_to_sign_in(request: Request) -> Response:
    """Give a challenge for any passkey of this site, bound to this browser."""
    party = _party(request)
    await limit(request, "passkey", network_of(edge(request).ip))
    secret = new_secret()
    async with db(request).platform() as unit:
        options = await passkeys.request_options(unit, party, "sign_in", digest(secret))
    response = json_answer(options)
    give_cookie(response, request, secret, CHALLENGE)
    return response


async def sign_in(request: Request) -> Response:
    """Let in who holds the passkey; it stands for both factors, since the device has verified its user."""
    from retail.identity.handlers.sign_in import way_in  # noqa: PLC0415 - the two pages lead to each other

    body = await read_body(request)
    owner = await _use(request, "sign_in", body, read_cookie(request, CHALLENGE))
    entered = await enter(request, owner.person, ["passkey"])
    return entered.give(
        json_answer({"to": way_in(entered, str(body.get("next", "")), edge(request).host_slug)}), request
    )


async def ask_to_register(request: Request) -> Response:
    """Give what a browser needs to make a passkey for whoever is signed in."""
    who, party = own(request), _party(request)
    async with db(request).platform() as unit:
        options = await passkeys.registration_options(unit, party, who.person, who.session)
    return json_answer(options)


async def register(request: Request) -> Response:
    """Keep a passkey that was made; the account page then asks for recovery codes where there are none."""
    who, party, body = own(request), _party(request), await read_body(request)
    name = " ".join(str(body.get("name", "")).split())[:NAME_MOST] or _("Passkey")
    answer = _answer(body)
    async with db(request).platform() as unit:
        challenge = await passkeys.take_challenge(unit, "register", answer, who.session)
    if challenge is None:
        raise PasskeyRefused
    async with db(request).platform() as unit:
        await passkeys.add_passkey(unit, party, who.id, name, answer, challenge=challenge)
        change = await change_credentials(request, unit, "passkey_added", proof="passkey", end=False)
    response = json_answer({"to": "/account?done=passkey#passkeys"}, 201)
    return await settle(request, response, change, "passkey_added")


async def rename(request: Request) -> Response:
    """Give a passkey another name."""
    fields = await Fields.read(request)
    name = fields.text("name", NAME_MOST, required=True)
    fields.check()
    async with db(request).platform() as unit:
        if not await passkeys.name_passkey(unit, own(request).id, wanted_id(request, "passkey"), name):
            raise NotFound("passkey")
    return redirect(request, "/account#passkeys", said=_("The passkey has its new name."), leave_tenant=True)


async def remove(request: Request) -> Response:
    """Take a passkey away."""
    who = own(request)
    async with db(request).platform() as unit:
        name = await passkeys.remove_passkey(unit, who.id, wanted_id(request, "passkey"))
        if name is None:
            raise NotFound("passkey")
        await tidy_codes(unit, who.id)
        change = await change_credentials(request, unit, "passkey_removed")
    said = _("%(name)s was removed. Other devices were signed out.") % {"name": name}
    response = redirect(request, "/account#passkeys", said=said, leave_tenant=True)
    return await settle(request, response, change, "passkey_removed")


async def ask_to_confirm(request: Request) -> Response:
    """Give a challenge for one of the person's own passkeys."""
    who, party = own(request), _party(request)
    async with db(request).platform() as unit:
        options = await passkeys.request_options(unit, party, "confirm", who.session, who.id)
    return json_answer(options)


async def prove(request: Request, body: dict[str, Any]) -> None:
    """Prove that whoever is signed in holds their passkey. Raises PasskeyRefused for anybody else's."""
    who = own(request)
    owner = await _use(request, "confirm", body, who.session)
    if owner.person != who.id:
        raise PasskeyRefused


async def _use(
    request: Request, purpose: passkeys.Purpose, body: dict[str, Any], binding: bytes | None
) -> passkeys.Owner:
    party, answer = _party(request), _answer(body)
    await limit(request, "passkey", network_of(edge(request).ip))
    try:
        return await _owner(request, purpose, party, answer, binding)
    except PasskeyRefused:
        await record_refusal(request, None, "passkey")
        raise


async def _owner(
    request: Request, purpose: passkeys.Purpose, party: RelyingParty, answer: dict[str, Any], binding: bytes | None
) -> passkeys.Owner:
    if binding is None:
        raise PasskeyRefused
    async with db(request).platform() as unit:
        challenge = await passkeys.take_challenge(unit, purpose, answer, binding)
    if challenge is None:
        raise PasskeyRefused
    async with db(request).platform() as unit:
        return await passkeys.use_passkey(unit, party, answer, challenge)


def _party(request: Request) -> RelyingParty:
    party = relying_party(settings(request))
    if party is None:
        raise NoPasskeysHere
    return party


async def read_body(request: Request) -> dict[str, Any]:
    """Read a JSON object. Raises Invalid."""
    raw = await request.body()
    try:
        found = json.loads(raw) if len(raw) <= _MOST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid({"": [_("The request can't be read.")]})
    return found


def _answer(body: dict[str, Any]) -> dict[str, Any]:
    answer = body.get("credential")
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        raise Invalid({"credential": [_("The request can't be read.")]})
    return answer

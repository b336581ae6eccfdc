"""One's own account: name and language, password, second factors, where one is signed in, and who tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import queries
from retail.identity.browsers import device_words
from retail.identity.cookies import BROWSER, read_cookie
from retail.identity.credentials import check_own_password
from retail.identity.doorkeeper import MEMORY
from retail.identity.errors import WrongPassword
from retail.identity.factors import second_factors
from retail.identity.handlers.own import change_credentials, own, settle, wanted_id
from retail.identity.handlers.passkeys import offer, offered_at
from retail.identity.passwords import hash_password
from retail.identity.rules import password_problems
from retail.identity.sessions import OpenSession, end_others, end_session, forget, open_sessions
from retail.identity.sign_ins import forget_browsers, sign_ins
from retail.identity.token_lists import programs
from retail.identity.trail import record
from retail.kit.errors import NotFound, TooMany
from retail.kit.text import _, languages
from retail.runtime.web.context import db, edge
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

_HISTORY: Final = 10
_HISTORY_PAGE: Final = 50
_SESSIONS: Final = 5
_SESSIONS_PAGE: Final = 20


async def show(request: Request) -> Response:
    """Show the account."""
    return await _page(request)


async def save_profile(request: Request) -> Response:
    """Keep a new name and language."""
    fields, who = await Fields.read(request), own(request)
    name = fields.text("name", 120, required=True)
    language = fields.choice("language", ["", *languages()], required=False)
    if fields.errors:
        return await _page(request, 422, values=fields.values, errors=fields.errors)
    async with db(request).platform() as unit:
        await unit.execute("SELECT auth_rename_person($1, $2, $3)", who.id, name, language)
        places = await queries.places(unit, who.id)
    MEMORY.forget(person=who.id)
    await record(request, "person.profile_changed", who.id, name, places)
    return redirect(request, "/account", said=_("Your account was saved."), leave_tenant=True)


async def change_password(request: Request) -> Response:
    """Take a new password from whoever knows the old one; all other devices are signed out."""
    fields, who = await Fields.read(request), own(request)
    try:
        await check_own_password(request, who.id, fields.raw("password_now"), who.session)
    except (WrongPassword, TooMany) as refused:
        fields.error("password_now", _wrong_old() if isinstance(refused, WrongPassword) else refused.sentence())
        return await _page(request, 422, errors=fields.errors)
    new = fields.raw("password_new")
    async with db(request).platform() as unit:
        about = await queries.about(unit, who.id, who.person.email, who.person.name)
    for problem in password_problems(new, about):
        fields.error("password_new", problem)
    if new == fields.raw("password_now"):
        fields.error("password_new", _("This is the password you have now. Choose another."))
    if fields.errors:
        return await _page(request, 422, errors=fields.errors)
    hashed = await hash_password(new)
    async with db(request).platform() as unit:
        await unit.execute("SELECT auth_set_password($1, $2, $3)", who.id, hashed, unit.now)
        await forget_browsers(unit, who.id, read_cookie(request, BROWSER))
        change = await change_credentials(request, unit, "password_changed")
    said = _("Your password was changed. All other devices were signed out.")
    response = redirect(request, "/account", said=said, leave_tenant=True)
    return await settle(request, response, change, "password_changed")


async def end_one(request: Request) -> Response:
    """Sign one of one's own devices out."""
    who = own(request)
    async with db(request).platform() as unit:
        ended = await end_session(unit, who.id, wanted_id(request, "session"))
        places = await queries.places(unit, who.id)
    forget(request, ended)
    await record(request, "person.session_ended", who.id, who.person.name, places, sessions=len(ended.sessions))
    return redirect(request, "/account#sessions", said=_("That device was signed out."), leave_tenant=True)


async def end_all_others(request: Request) -> Response:
    """Sign all other devices and programs out."""
    who = own(request)
    async with db(request).platform() as unit:
        ended = await end_others(unit, who.id, who.session)
        places = await queries.places(unit, who.id)
    forget(request, ended)
    await record(request, "person.session_ended", who.id, who.person.name, places, sessions=len(ended.sessions))
    said = _("All other devices and programs were signed out.")
    return redirect(request, "/account#sessions", said=said, leave_tenant=True)


async def sessions(request: Request) -> Response:
    """List where one is signed in, this device first, then what was used last, a page at a time. Raises NotFound."""
    who = own(request)
    after = _shown_last(request)
    async with db(request).platform() as unit:
        found = _here_first(await open_sessions(unit, who.id), who.session)
    ids = [one.id for one in found]
    begin = ids.index(after) + 1 if after in ids else 0  # what was last may have ended since: then from the top
    page = found[begin : begin + _SESSIONS_PAGE]
    more = len(found) > begin + _SESSIONS_PAGE
    return render(
        request,
        "identity/account/sessions.html",
        sessions=[_shown(one, who.session) for one in page],
        next=f"/account/sessions?after={page[-1].id}" if more else None,
        first="/account/sessions" if begin else None,
    )


async def history(request: Request) -> Response:
    """List one's own sign-ins and the tries of others, newest first, a page at a time. Raises NotFound."""
    who = own(request)
    before = _shown_last(request)
    async with db(request).platform() as unit:
        tries = await sign_ins(unit, who.id, before=before, limit=_HISTORY_PAGE + 1)
    more = len(tries) > _HISTORY_PAGE
    tries = tries[:_HISTORY_PAGE]
    return render(
        request,
        "identity/account/history.html",
        tries=_told(tries),
        factor_words=factor_words(),
        next=f"/account/history?after={tries[-1].id}" if more else None,
        first="/account/history" if before else None,
    )


def _shown_last(request: Request) -> UUID | None:
    """Give the last try of the page before. Raises NotFound for what is none."""
    if "after" not in request.query_params:
        return None
    try:
        return UUID(request.query_params["after"])
    except ValueError as wrong:
        raise NotFound("page") from wrong


def factor_words() -> dict[str, str]:
    """Name what people prove themselves with."""
    return {
        "password": _("Password"),
        "totp": _("Authenticator app"),
        "recovery": _("Recovery code"),
        "passkey": _("Passkey"),
        "oidc": _("Company account"),
    }


def _wrong_old() -> str:
    return _("This is not the password you have now. Type it again.")


async def _page(
    request: Request,
    status: int = 200,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
) -> Response:
    who = own(request)
    async with db(request).platform() as unit:
        account = await queries.account_of(unit, who.id)
        factors = await second_factors(unit, who.id)
        sessions = _here_first(await open_sessions(unit, who.id), who.session)
        tries = await sign_ins(unit, who.id, limit=_HISTORY)
        signed_in = await programs(unit, who.id)
    context: dict[str, Any] = {
        "account": account,
        "values": values or {"name": account.name, "language": account.language or ""},
        "errors": errors or {},
        "languages": [("", _("The language of each business")), *languages().items()],
        "factors": factors,
        "passkeys_here": offer(request),
        "passkeys_at": offered_at(request),
        "sessions": [_shown(one, who.session) for one in sessions[:_SESSIONS]],
        "more_sessions": len(sessions) > _SESSIONS,
        "tries": _told(tries),
        "programs": signed_in,
        "factor_words": factor_words(),
        "due": edge(request).second_factor_by,
        "now": db(request).clock.now(),
        "done": request.query_params.get("done", ""),
    }
    return render(request, "identity/account/show.html", status, **context)


def _here_first(found: Sequence[OpenSession], here: bytes) -> list[OpenSession]:
    return sorted(found, key=lambda one: one.token_hash != here)


def _shown(one: OpenSession, here: bytes) -> dict[str, Any]:
    return {
        "id": one.id,
        "here": one.token_hash == here,
        "device": device_words(one.user_agent),
        "ip": one.ip,
        "seen_at": one.seen_at,
        "created_at": one.created_at,
        "at_till": one.at_till,
    }


def _told(tries: list[Any]) -> list[dict[str, Any]]:
    return [
        {"at": one.at, "outcome": one.outcome, "factors": sorted(one.factors), "new": one.new_browser,
         "ip": one.ip, "device": device_words(one.user_agent)}
        for one in tries
    ]  # fmt: skip

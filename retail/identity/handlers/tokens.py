"""The page of tokens: which programs may come in, with which rights, from where, until when."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity.doorkeeper import MEMORY
from retail.identity.errors import OwnersOnly
from retail.identity.permissions import GROUPS, PERMISSIONS
from retail.identity.roles import role_names, roles
from retail.identity.roles_errors import BeyondYourRights
from retail.identity.script_tokens import NewToken, make_script_token, revoke_script_token
from retail.identity.sockets import token_key
from retail.identity.token_lists import ORDERS, STATES, ListedToken, script_tokens
from retail.identity.token_rules import LIFETIMES, read_networks
from retail.kit.errors import Invalid, NotFound
from retail.kit.paging import DEFAULT_LIMIT
from retail.kit.text import _, ngettext
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.runtime.web.context import db, hub, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import redirect, render


async def index(request: Request) -> Response:
    """List the tokens of programs."""
    asked = Asked.of(request, "/tokens")
    q, state, order = asked.search(), asked.option("show", STATES), asked.order(ORDERS)
    async with db(request).read(scope(request)) as read:
        page = await asked.page(
            lambda after: script_tokens(read, q=q, state=state, limit=DEFAULT_LIMIT, after=after, order=order)
        )
        names, stores = await role_names(read), await _stores(read)
        now = read.now
    return render(
        request,
        "identity/tokens/index.html",
        asked.status,
        asked=asked,
        tokens=[_shown(one, names, dict(stores)) | {"ended": _ended(one, now)} for one in page.items],
        next=asked.next(page),
    )


async def new(request: Request) -> Response:
    """Show the form of a new token."""
    return await _form(request, {"days": "90", "role": "viewer"}, {}, 200)


async def create(request: Request) -> Response:
    """Make a token and show its secret, this once."""
    fields = await Fields.read(request)
    networks, wrong = read_networks(fields.raw("networks"))
    for sentence in wrong:
        fields.error("networks", sentence)
    name = fields.text("name", 80, required=True)
    role, days = fields.text("role", 40, required=True), fields.choice("days", [str(one) for one in LIFETIMES])
    picked = frozenset(fields.many("permissions"))
    stores = tuple(_uuid(one) for one in fields.many("stores"))
    till = fields.uuid("till", required=False)
    narrowed = fields.raw("rights") == "some"
    if narrowed and not picked:
        fields.error("permissions", _("Tick at least one."))
    ticked = {**fields.values, "permissions": sorted(picked), "stores": [str(one) for one in stores]}
    try:
        fields.check()
        draft = NewToken(
            name, role, int(days or 0), picked if narrowed else None, stores or None, tuple(networks), till
        )
        await limit(request, "token", str(scope(request).actor.id))
        made = await db(request).run(scope(request), make_script_token, draft)
    except Invalid as refused:
        return await _form(request, ticked, refused.errors, 422)
    except (BeyondYourRights, OwnersOnly) as refused:
        return await _form(request, ticked, {"role": [refused.sentence()]}, 422)
    return render(request, "identity/tokens/made.html", name=name, secret=made.secret, ends_at=made.ends_at)


async def revoke(request: Request) -> Response:
    """Revoke a token; what acts with it stops at once."""
    try:
        wanted = UUID(request.path_params["token"])
    except ValueError as wrong:
        raise NotFound("token") from wrong
    name, token_hash = await db(request).run(scope(request), revoke_script_token, wanted)
    MEMORY.forget(token_hash=token_hash)
    if hub(request) is not None:
        hub(request).revoke(token_key(token_hash))
    return redirect(request, "/tokens", said=_("%(name)s was revoked. It no longer comes in.") % {"name": name})


async def _form(request: Request, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> Response:
    async with db(request).read(scope(request)) as read:
        known, stores = await roles(read), await _stores(read)
        tills = await read.fetch(
            "SELECT id, code, name FROM till WHERE tenant_id = $1 AND retired_at IS NULL ORDER BY code", read.tenant
        )
    return render(
        request,
        "identity/tokens/new.html",
        status,
        values=values,
        errors=errors,
        roles=[(one.key, one.words) for one in known],
        groups=[(_(label), [p for p in PERMISSIONS if p.group == key]) for key, label in GROUPS.items()],
        shops=stores,
        tills=[(str(row["id"]), f"{row['name']} ({row['code']})") for row in tills],
        lifetimes=[(str(days), ngettext("%(num)d day", "%(num)d days", days) % {"num": days}) for days in LIFETIMES],
    )


async def _stores(read: Read) -> list[tuple[str, str]]:
    rows = await read.fetch("SELECT id, name FROM store WHERE tenant_id = $1 ORDER BY name", read.tenant)
    return [(str(row["id"]), row["name"]) for row in rows]


def _shown(one: ListedToken, names: dict[str, str], stores: dict[str, str]) -> dict[str, Any]:
    limits = []
    if one.permissions is not None:
        count = len(one.permissions)
        limits.append(ngettext("%(num)d permission", "%(num)d permissions", count) % {"num": count})
    if one.stores is not None:
        limits.append(", ".join(stores.get(str(store), "?") for store in one.stores))
    if one.till:
        limits.append(_("Till %(code)s") % {"code": one.till})
    limits += one.networks
    return {"token": one, "role": names.get(one.role, one.role), "limits": limits}


def _ended(one: ListedToken, now: datetime) -> str:
    if one.revoked_at is not None:
        return _("Revoked")
    return _("Expired") if one.expires_at <= now else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise NotFound("store") from wrong

"""The page Security: from where people may come, and by which way they sign in. For who manages security."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.identity import networks, oidc, queries
from retail.identity.doorkeeper import MEMORY
from retail.identity.entry_errors import NobodyKeepsTheKey, SsoFailed, YouWouldBeOut
from retail.identity.entry_mail import tell_owners
from retail.identity.handlers.sso import at_home, providers, send_off
from retail.identity.networks import Entry
from retail.identity.oidc import Provider, Settings, Way
from retail.identity.roles import roles
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.db import Tx
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.context import db, edge, keyring, scope, settings, tenant
from retail.runtime.web.forms import Fields
from retail.runtime.web.outgoing import Outgoing, OutgoingFailed
from retail.runtime.web.responses import redirect, render

_DOMAIN: Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_EVERYBODYS: Final = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
     "aol.com", "gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "mail.ru", "qq.com", "163.com"}
)  # fmt: skip


async def index(request: Request) -> Response:
    """Show both settings."""
    return await _page(request)


async def set_networks(request: Request) -> Response:
    """Set the networks; a list that would shut its maker out comes back with 422."""
    fields = await Fields.read(request)
    text, devices = fields.raw("networks")[:20_000], fields.flag("devices")
    try:
        entries = networks.read_list(text)
        here = edge(request).ip
        await db(request).run(scope(request), _set_networks, tenant(request), entries, devices=devices, here=here)
    except Invalid as invalid:
        return await _page(request, {"networks": text}, invalid.errors, 422)
    except YouWouldBeOut as refused:
        return await _page(request, {"networks": text}, {"networks": [refused.sentence()]}, 422)
    MEMORY.forget(tenant=tenant(request).id)
    said = _("Only these networks come in from now on.") if entries else _("Every network comes in from now on.")
    return redirect(request, "/security", said=said)


async def set_sso(request: Request) -> Response:
    """Set the identity provider; mistakes come back with 422."""
    fields = await Fields.read(request)
    try:
        wanted = await _sso(request, fields)
        await db(request).run(scope(request), _set_sso, tenant(request), wanted, request)
    except Invalid as invalid:
        return await _page(request, fields.values, invalid.errors, 422)
    except NobodyKeepsTheKey as refused:
        return await _page(request, fields.values, {"only_roles": [refused.sentence()]}, 422)
    MEMORY.forget(tenant=tenant(request).id)
    return redirect(request, "/security", said=_("Single sign-on is set. Test the connection before you rely on it."))


async def remove_sso(request: Request) -> Response:
    """Take the identity provider away."""
    await db(request).run(scope(request), _remove_sso, tenant(request))
    MEMORY.forget(tenant=tenant(request).id)
    return redirect(request, "/security", said=_("Single sign-on is removed. Everybody signs in with a password."))


async def test_sso(request: Request) -> Response:
    """Try the connection: read the provider's description and keys, then go there and come back."""
    facts = tenant(request)
    async with db(request).read(scope(request)) as read:
        known = await oidc.provider(read)
    if known is None:
        return redirect(request, "/security")
    home = at_home(request, f"/t/{facts.slug}/security/sso/test")
    if home is not None:
        return home
    try:
        await providers(request).metadata(known.issuer, fresh=True)
        await providers(request).keys(known.issuer)
        way = Way(known.name, known.issuer, facts)
        return await send_off(request, way, f"/t/{facts.slug}/security", tests=True)
    except SsoFailed as failed:
        said = _("The provider could not be used: %(why)s.") % {"why": failure_words(failed.why)}
        return redirect(request, "/security", said=said, tone="bad")


def failure_words(why: str) -> str:
    """Say in a few words what a test of the connection ran into; never what a server answered."""
    known = {
        "name": _("its name can't be found"),
        "address": _("its address is not on the public internet"),
        "connection": _("nobody answers there"),
        "tls": _("its certificate is not valid"),
        "slow": _("it took longer than five seconds"),
        "redirect": _("it sends us elsewhere"),
        "large": _("its answer is too large"),
        "another issuer": _("it calls itself by another address than the one typed"),
        "no PKCE with S256": _("it does not offer PKCE with S256"),
        "no authorization code flow": _("it does not offer the authorization code flow"),
    }
    return known.get(why.partition(": ")[2], _("its answer can't be read"))


async def _set_networks(tx: Tx, facts: TenantFacts, entries: tuple[Entry, ...], *, devices: bool, here: str) -> None:
    await networks.set_policy(tx, entries, devices=devices, here=here)
    await tell_owners(tx, facts, "networks_set")


async def _set_sso(tx: Tx, facts: TenantFacts, wanted: Settings, request: Request) -> None:
    await oidc.set_provider(tx, keyring(request), wanted)
    await tell_owners(tx, facts, "sso_set")


async def _remove_sso(tx: Tx, facts: TenantFacts) -> None:
    await oidc.remove_provider(tx)
    await tell_owners(tx, facts, "sso_removed")


async def _sso(request: Request, fields: Fields) -> Settings:
    issuer = fields.text("issuer", 500, required=True)
    try:
        Outgoing.of(settings(request)).check(issuer)
    except OutgoingFailed:
        fields.error("issuer", _("Type the provider's address, like https://login.example.com."))
    domains = tuple(
        dict.fromkeys(part.lower() for part in re.split(r"[\s,]+", fields.text("email_domains", 2000)) if part)
    )
    for domain in domains:
        if not _DOMAIN.fullmatch(domain) or domain in _EVERYBODYS:
            fields.error("email_domains", _("%(domain)s is no domain of a business.") % {"domain": domain[:60]})
    if len(domains) > 20:
        fields.error("email_domains", _("Use at most %(most)d domains.") % {"most": 20})
    async with db(request).read(scope(request)) as read:
        known_roles = {role.key for role in await roles(read)}
        owners = {one.person_id for one in await queries.members(read) if one.role == "owner"}
    typed = fields.raw("client_secret")[:500]
    wanted = Settings(
        name=fields.text("name", 60, required=True),
        issuer=issuer,
        client_id=fields.text("client_id", 300, required=True),
        client_secret=typed or None,
        email_domains=domains,
        only_roles=tuple(sorted(known_roles & set(fields.many("only_roles")))),
        exempt=tuple(sorted(owners & _ids(fields.many("exempt")))),
        checks_second_factor=fields.flag("checks_second_factor"),
        enabled=fields.flag("enabled"),
    )
    fields.check()
    return wanted


def _ids(texts: list[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


async def _page(
    request: Request,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> Response:
    async with db(request).read(scope(request)) as read:
        policy, known = await networks.policy(read), await oidc.provider(read)
        choices = [(role.key, role.words) for role in await roles(read)]
        owners = [one for one in await queries.members(read) if one.role == "owner"]
    context: dict[str, Any] = {
        "values": {"networks": policy.text, **_values(known), **(typed or {})},
        "errors": errors or {},
        "policy": policy,
        "provider": known,
        "roles": choices,
        "owners": owners,
        "here": edge(request).ip,
        "now": db(request).clock.now(),
        "callback": f"{settings(request).base_url}/sign-in/sso/{tenant(request).slug}/callback",
    }
    return render(request, "identity/security/index.html", status, **context)


def _values(known: Provider | None) -> dict[str, str]:
    if known is None:
        return {}
    return {
        "name": known.name,
        "issuer": known.issuer,
        "client_id": known.client_id,
        "email_domains": " ".join(known.email_domains),
    }

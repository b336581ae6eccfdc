"""Who sits at a live socket: identity's answer, in the hub's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket

from retail.identity.doorkeeper import MEMORY, Known, known_by, scope_of
from retail.identity.rules import digest
from retail.runtime.db import Database
from retail.runtime.realtime.canvas import Audience, Paint
from retail.runtime.realtime.guests import Guest
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.assets import Assets
from retail.runtime.web.context import edge
from retail.runtime.web.pages import to_html


def session_key(token_hash: bytes) -> str:
    """Name a session for Hub.revoke()."""
    return f"session:{token_hash.hex()}"


def token_key(token_hash: bytes) -> str:
    """Name an API token for Hub.revoke()."""
    return f"token:{token_hash.hex()}"


class DoormanOfIdentity:
    """Proves guests by their session or API token, at the start and again every minute."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def by_session(self, websocket: WebSocket) -> Guest | None:
        """Take what the edge found out: a cookie's person, or a bearer header's token, in the path's tenant."""
        here = edge(websocket)
        if here.scope is None or here.tenant is None:
            return None
        if here.token is not None:
            secret = websocket.headers["authorization"][7:].strip()
            return Guest(here.scope, _audience(here.tenant), token_key(digest(secret)))
        return None if here.session is None else Guest(here.scope, _audience(here.tenant), session_key(here.session))

    async def by_token(self, websocket: WebSocket, token: str) -> Guest | None:
        """Look the token up; in a path with a tenant it must be that tenant's. Raises Busy."""
        known = await known_by(self._db, digest(token), "", bearer=True)
        if known is None or (edge(websocket).slug and known.tenant and known.tenant.slug != edge(websocket).slug):
            return None
        return _guest(known, token_key(digest(token)))

    async def again(self, guest: Guest) -> Guest | None:
        """Ask the database, not the memory of a moment ago. Raises Busy."""
        kind, _, hashed = guest.key.partition(":")
        token_hash = bytes.fromhex(hashed)
        MEMORY.forget(token_hash=token_hash)
        slug = "" if kind == "token" else guest.audience.tenant.slug
        known = await known_by(self._db, token_hash, slug, bearer=kind == "token")
        return None if known is None else _guest(known, guest.key)


def _guest(known: Known, key: str) -> Guest | None:
    scope = scope_of(known, "")
    return None if scope is None or known.tenant is None else Guest(scope, _audience(known.tenant), key)


def _audience(tenant: TenantFacts) -> Audience:
    return Audience(tenant, tenant.locale)


def paint_with(assets: Assets) -> Paint:
    """Give the hub a way to render partials as pages do, but for nobody in particular."""

    def paint(audience: Audience, template: str, context: Mapping[str, Any]) -> str:
        return to_html(template, assets=assets, tenant=audience.tenant, **context)

    return paint

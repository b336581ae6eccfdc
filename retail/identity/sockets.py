"""How sockets learn who is there: by the session's cookie, by a token, and again while they stay open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from starlette.websockets import WebSocket

from retail.identity.device_door import Caller, caller_by, without_person
from retail.identity.doorkeeper import Known, known_by, scope_of
from retail.identity.rules import TOKEN_PREFIX, digest
from retail.runtime.db import Database
from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.guests import Guest
from retail.runtime.tenancy import Scope
from retail.runtime.web.context import edge

Heard = Callable[[Database, Scope, Sequence[str]], Awaitable[None]]
"""What is told that a member is there, and which topics it listens to."""

_SESSION: Final = "session"
_BEARER: Final = "token"
_DEVICE: Final = "device"


def session_key(token_hash: bytes) -> str:
    """Name a session to the hub, as in hub.revoke(session_key(hash))."""
    return f"{_SESSION}:{token_hash.hex()}"


def token_key(token_hash: bytes) -> str:
    """Name a bearer token to the hub."""
    return f"{_BEARER}:{token_hash.hex()}"


class SocketDoorman:
    """The hub's doorman. A guest's key is the kind and hash of what it came with, so it can be proved again."""

    def __init__(self, database: Database, heard: Heard | None = None) -> None:
        self._db = database
        self._heard = heard

    async def heard(self, guest: Guest, topics: Sequence[str]) -> None:
        """Tell whoever wants to know that a guest is there. Raises Busy."""
        if self._heard is not None:
            await self._heard(self._db, guest.scope, topics)

    async def by_session(self, websocket: WebSocket) -> Guest | None:
        """Prove the guest by the session cookie, for the tenant in the path."""
        here = edge(websocket)
        if here.device is not None:
            return _device_guest(here.device, here.request_id)
        if here.session is None or not here.slug:
            return None
        known = await known_by(self._db, here.session, here.slug, bearer=False, fresh=True)
        return _guest(known, here.slug, session_key(here.session), here.request_id)

    async def by_token(self, websocket: WebSocket, token: str) -> Guest | None:
        """Prove the guest by a bearer token; its tenant is the token's."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        known = await known_by(self._db, digest(token), "", bearer=True, fresh=True)
        if known is not None:
            known.gate.check_address(edge(websocket).ip, self._db.clock.now())
            if known.token is not None:
                known.token.check_address(edge(websocket).ip)
        slug = known.tenant.slug if known and known.tenant else ""
        return _guest(known, slug, f"{_BEARER}:{digest(token).hex()}", edge(websocket).request_id)

    async def again(self, guest: Guest) -> Guest | None:
        """Prove a guest afresh, past every memory, with the rights of now."""
        kind, _, token_hash = guest.key.partition(":")
        slug = guest.audience.tenant.slug
        if kind == _DEVICE:
            caller = await caller_by(self._db, bytes.fromhex(token_hash))
            return _device_guest(caller, guest.scope.request_id) if caller else None
        known = await known_by(
            self._db, bytes.fromhex(token_hash), slug if kind == _SESSION else "", bearer=kind == _BEARER, fresh=True
        )
        return _guest(known, slug, guest.key, guest.scope.request_id)


def device_key(token_hash: bytes) -> str:
    """Name a device's session to the hub."""
    return f"{_DEVICE}:{token_hash.hex()}"


def _device_guest(caller: Caller, request_id: str) -> Guest:
    """Seat a device by itself: who stands at it changes more often than its socket."""
    scope = without_person(caller).scope(request_id, "")
    return Guest(scope, Audience(caller.tenant, caller.tenant.locale), device_key(caller.session))


def _guest(known: Known | None, slug: str, key: str, request_id: str) -> Guest | None:
    scope = scope_of(known, request_id) if known else None
    if known is None or known.tenant is None or scope is None or known.tenant.slug != slug:
        return None
    return Guest(scope, Audience(known.tenant, known.tenant.locale), key)

"""How sockets learn who is there: by the session's cookie, by a token, and again while they stay open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final

from starlette.websockets import WebSocket

from retail.identity.device_door import Caller, caller_by, without_person
from retail.identity.doorkeeper import Known, known_by, scope_of
from retail.identity.entry_errors import OutsideNetworks, SignInElsewhere
from retail.identity.gate import device_gate
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
        if self._heard is not None and not guest.scope.only_looks:
            await self._heard(self._db, guest.scope, topics)

    async def by_session(self, websocket: WebSocket) -> Guest | None:
        """Prove the guest by the session's cookie, for the path's tenant. Raises OutsideNetworks, SignInElsewhere."""
        here = edge(websocket)
        if here.device is not None:
            return _device_guest(here.device, here.request_id, here.ip)
        if here.session is None or not here.slug:
            return None
        known = await known_by(self._db, here.session, here.slug, bearer=False, fresh=True)
        return self._guest(known, here.slug, session_key(here.session), here.request_id, here.ip)

    async def by_token(self, websocket: WebSocket, token: str) -> Guest | None:
        """Prove the guest by a bearer token; its tenant is the token's. Raises OutsideNetworks, SignInElsewhere."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        here = edge(websocket)
        known = await known_by(self._db, digest(token), "", bearer=True, fresh=True)
        slug = known.tenant.slug if known and known.tenant else ""
        return self._guest(known, slug, token_key(digest(token)), here.request_id, here.ip)

    async def again(self, guest: Guest) -> Guest | None:
        """Prove a guest afresh, past every memory, with the rights of now and from where they sit."""
        kind, _, token_hash = guest.key.partition(":")
        slug, request_id, ip = guest.audience.tenant.slug, guest.scope.request_id, guest.scope.ip
        try:
            if kind == _DEVICE:
                return await self._device_again(bytes.fromhex(token_hash), request_id, ip)
            bearer = kind == _BEARER
            asked = "" if bearer else slug
            known = await known_by(self._db, bytes.fromhex(token_hash), asked, bearer=bearer, fresh=True)
            return self._guest(known, slug, guest.key, request_id, ip)
        except (OutsideNetworks, SignInElsewhere):
            return None

    async def _device_again(self, token_hash: bytes, request_id: str, ip: str) -> Guest | None:
        caller = await caller_by(self._db, token_hash)
        if caller is None:
            return None
        gate = await device_gate(self._db, caller.tenant.id, fresh=True)
        gate.check_address(ip, self._db.clock.now(), device=True)
        return _device_guest(caller, request_id, ip)

    def _guest(self, known: Known | None, slug: str, key: str, request_id: str, ip: str) -> Guest | None:
        """Seat somebody as the door would let them in. Raises OutsideNetworks, SignInElsewhere."""
        scope = scope_of(known, request_id) if known else None
        if known is None or known.tenant is None or scope is None or known.tenant.slug != slug:
            return None
        known.gate.check_address(ip, self._db.clock.now())
        known.gate.check_way(slug, known.tenant.id, known.role, known.person.id if known.person else None)
        if known.token is not None:
            known.token.check_address(ip)
        lasts = 60.0 if known.look is None else (known.look.until - self._db.clock.now()).total_seconds()
        return Guest(replace(scope, ip=ip), Audience(known.tenant, known.tenant.locale), key, max(lasts, 0.0))


def device_key(token_hash: bytes) -> str:
    """Name a device's session to the hub."""
    return f"{_DEVICE}:{token_hash.hex()}"


def _device_guest(caller: Caller, request_id: str, ip: str) -> Guest:
    """Seat a device by itself: who stands at it changes more often than its socket."""
    scope = without_person(caller).scope(request_id, ip)
    return Guest(scope, Audience(caller.tenant, caller.tenant.locale), device_key(caller.session))

"""Who sits at a socket, and whether they may still."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.websockets import WebSocket

from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.channels import ANY_MEMBER, NOBODY, Switchboard
from retail.runtime.tenancy import Scope


@dataclass(frozen=True, slots=True)
class Guest:
    """A proven listener: the rights it has, what it is shown, and the session or token (`key`) that it came with."""

    scope: Scope
    audience: Audience
    key: str


class Doorman(Protocol):
    """How sockets learn who is there; the application brings one."""

    async def by_session(self, websocket: WebSocket) -> Guest | None:
        """Prove the guest by the session cookie, for the tenant in the path; None: nobody, or no member."""

    async def by_token(self, websocket: WebSocket, token: str) -> Guest | None:
        """Prove the guest by a bearer token; its tenant is the token's."""

    async def heard(self, guest: Guest, topics: Sequence[str]) -> None:
        """Note that a guest is there and listens: once it sits down, and every minute. Raises Busy."""

    async def again(self, guest: Guest) -> Guest | None:
        """Prove a guest afresh, with the rights of now; None: signed out, revoked, no longer a member."""


def allowed(board: Switchboard, scope: Scope, topics: Iterable[str]) -> list[str]:
    """Keep the topics that exist and that the scope may hear, each once, in order."""
    return [topic for topic in dict.fromkeys(topics) if _may_hear(board, scope, topic)]


def _may_hear(board: Switchboard, scope: Scope, topic: str) -> bool:
    needed = board.permissions(topic)
    asked = needed - {ANY_MEMBER}
    if not needed or NOBODY in needed or not asked <= scope.permissions:
        return False
    reaches = [stores for permission in asked if (stores := scope.reach(permission)) is not None]
    if not reaches:
        return True
    store = board.store(topic)
    return store == "" or (store is not None and all(store in map(str, stores) for stores in reaches))

"""Who sits at a socket, and whether they may still."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from starlette.websockets import WebSocket

from retail.runtime.realtime.canvas import Audience
from retail.runtime.realtime.channels import ANY_MEMBER, NOBODY, THAT_PERSON, Switchboard
from retail.runtime.tenancy import Scope


@dataclass(frozen=True, slots=True)
class Guest:
    """A proven listener: the rights it has, what it is shown, and the session or token (`key`) that it came with."""

    scope: Scope
    audience: Audience
    key: str
    proved_for: float = 60.0
    """Seconds after which it is proved again at the latest."""


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


Hearing = Mapping[str, frozenset[UUID] | None]
"""The topics that somebody hears, in order: whole (None), or only what happens in these stores."""


def hearing(board: Switchboard, scope: Scope, topics: Iterable[str]) -> Hearing:
    """Keep the topics that exist and that the scope may hear, and say how much of each."""
    found = {topic: _stores_heard(board, scope, topic) for topic in dict.fromkeys(topics)}
    return {topic: stores for topic, stores in found.items() if stores != _NOTHING}


def allowed(board: Switchboard, scope: Scope, topics: Iterable[str]) -> list[str]:
    """Keep the topics that exist and that the scope may hear, each once, in order."""
    return list(hearing(board, scope, topics))


_NOTHING: Final[frozenset[UUID]] = frozenset()


def _stores_heard(board: Switchboard, scope: Scope, topic: str) -> frozenset[UUID] | None:
    needed = board.permissions(topic)
    asked = needed - {ANY_MEMBER, THAT_PERSON}
    if not needed or NOBODY in needed or not asked <= scope.permissions:
        return _NOTHING
    if THAT_PERSON in needed and board.person(topic) != str(scope.actor.id):
        return _NOTHING
    reaches = [stores for permission in asked if (stores := scope.reach(permission)) is not None]
    store = board.store(topic)
    if not reaches or store == "":
        return None
    common = frozenset.intersection(*reaches)
    if store is not None:
        return None if store in map(str, common) else _NOTHING
    return common if board.is_by_store(topic) else _NOTHING

"""Sessions of the browser, on the server: opened, listed, ended at once in every process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection

from retail.identity.cookies import cookie_name
from retail.identity.doorkeeper import MEMORY
from retail.identity.rules import SESSION_ABSOLUTE, SESSION_IDLE, TILL_IDLE, digest, new_secret
from retail.identity.sockets import session_key, token_key
from retail.kit.ids import new_id
from retail.runtime.db import Unit
from retail.runtime.web.context import db, edge

LONGEST_AGENT: Final = 300


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that lives; `token_hash` never leaves the server."""

    id: UUID
    token_hash: bytes
    created_at: datetime
    seen_at: datetime
    factors: frozenset[str]
    at_till: bool
    ip: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What was ended in the database and still has to be forgotten by the processes and their sockets."""

    person: UUID | None
    sessions: tuple[bytes, ...] = ()
    tokens: tuple[bytes, ...] = ()


def session_secret(connection: HTTPConnection) -> str:
    """Give the session's secret that the browser sent, or ''."""
    return connection.cookies.get(cookie_name(connection), "")


def client_ip(connection: HTTPConnection) -> str:
    """Tell the address of the other end, seen through our own proxies."""
    return edge(connection).ip


def user_agent(connection: HTTPConnection) -> str:
    """Give what the browser says of itself, cut to a sane length."""
    return "".join(c for c in connection.headers.get("user-agent", "") if c.isprintable())[:LONGEST_AGENT]


async def open_session(
    unit: Unit,
    person: UUID,
    connection: HTTPConnection,
    factors: Sequence[str] = ("password",),
    *,
    browser: bytes | None = None,
) -> str:
    """Store a new session and give its secret; an older one of this browser is closed, so nothing can be fixed."""
    old = session_secret(connection)
    if old:
        await close_session(unit, digest(old), unit.now, "signed-in-again")
    secret = new_secret()
    await unit.execute(
        "SELECT auth_open_session($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        digest(secret),
        new_id(),
        person,
        unit.now,
        unit.now + SESSION_ABSOLUTE,
        client_ip(connection),
        user_agent(connection),
        list(factors),
        browser,
    )
    return secret


async def close_session(unit: Unit, token_hash: bytes, at: datetime, why: str = "sign-out") -> None:
    """End one session."""
    await unit.execute("SELECT auth_close_session($1, $2, $3)", token_hash, at, why)


async def open_sessions(unit: Unit, person: UUID) -> list[OpenSession]:
    """List a person's living sessions, the one used last first."""
    rows = await unit.fetch(
        "SELECT * FROM auth_sessions($1, $2, $3, $4)", person, unit.now, unit.now - SESSION_IDLE, unit.now - TILL_IDLE
    )
    return [OpenSession(**{**row, "factors": frozenset(row["factors"])}) for row in rows]


async def note_at_till(connection: HTTPConnection) -> None:
    """Let the session that asks rest for a working day: it has just opened a till. A device or a token has none."""
    here = edge(connection)
    if here.session is None or here.device is not None:
        return
    async with db(connection).platform() as unit:
        await unit.execute("SELECT auth_session_at_till($1)", here.session)
    MEMORY.forget(token_hash=here.session)


async def end_session(unit: Unit, person: UUID, wanted: UUID) -> Ended:
    """End one session of a person; nothing is ended where it isn't theirs."""
    return Ended(person, await _end(unit, person, wanted, None, "person"))


async def end_others(unit: Unit, person: UUID, but: bytes | None, why: str = "person") -> Ended:
    """End all sessions of a person but one, and all their API tokens."""
    tokens = await unit.fetch("SELECT auth_end_tokens($1, $2) AS gone", person, unit.now)
    sessions = await _end(unit, person, None, but, why)
    await unit.execute("SELECT auth_end_sign_ins_of($1)", person)
    return Ended(person, sessions, tuple(row["gone"] for row in tokens))


async def disable_person(unit: Unit, person: UUID) -> tuple[Ended, list[UUID]]:
    """Close an account: nobody signs in with it any more, and whatever was open ends; gives the businesses it left."""
    rows = await unit.fetch("SELECT auth_disable_person($1, $2) AS tenant", person, unit.now)
    await unit.execute("SELECT auth_leave_tills($1)", person)
    return await end_others(unit, person, None, "disabled"), [row["tenant"] for row in rows]


async def enable_person(unit: Unit, person: UUID) -> list[UUID]:
    """Open a disabled account again, and give its businesses; its sessions and tokens stay ended."""
    rows = await unit.fetch("SELECT auth_disable_person($1, NULL) AS tenant", person)
    return [row["tenant"] for row in rows]


def forget(connection: HTTPConnection, ended: Ended) -> None:
    """Have every process forget what was ended and close its sockets; call it once the ending is committed."""
    MEMORY.forget(person=ended.person)
    hub = edge(connection).process.hub
    for token_hash in ended.sessions:
        MEMORY.forget(token_hash=token_hash)
        if hub is not None:
            hub.revoke(session_key(token_hash))
    for token_hash in ended.tokens:
        MEMORY.forget(token_hash=token_hash)
        if hub is not None:
            hub.revoke(token_key(token_hash))


async def _end(unit: Unit, person: UUID, only: UUID | None, but: bytes | None, why: str) -> tuple[bytes, ...]:
    rows = await unit.fetch("SELECT auth_end_sessions($1, $2, $3, $4, $5) AS gone", person, only, but, unit.now, why)
    return tuple(row["gone"] for row in rows)

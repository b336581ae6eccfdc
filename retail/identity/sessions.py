"""Sessions of the browser: a cookie with 256 random bits, of which only the hash is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from retail.identity.queries import Account
from retail.identity.rules import SESSION_ABSOLUTE, digest, new_secret
from retail.kit.ids import new_id
from retail.runtime.db import Unit
from retail.runtime.web.context import edge

SECURE_COOKIE: Final = "__Host-s"
PLAIN_COOKIE: Final = "s"  # http on the loopback, in development: browsers refuse __Host- there
_LONGEST_AGENT: Final = 300


def cookie_name(connection: HTTPConnection) -> str:
    """Name the cookie of this connection: the `__Host-` one wherever the browser speaks https."""
    return SECURE_COOKIE if edge(connection).secure else PLAIN_COOKIE


def session_secret(connection: HTTPConnection) -> str:
    """Give the session's secret that the browser sent, or ''."""
    return connection.cookies.get(cookie_name(connection), "")


async def open_session(unit: Unit, account: Account, connection: HTTPConnection, at: datetime) -> str:
    """Store a new session and give its secret; an older one of this browser is closed, so nothing can be fixed."""
    old = session_secret(connection)
    if old:
        await unit.execute("SELECT auth_close_session($1, $2)", digest(old), at)
    secret = new_secret()
    await unit.execute(
        "SELECT auth_open_session($1, $2, $3, $4, $5, $6, $7)",
        digest(secret),
        new_id(),
        account.id,
        at,
        at + SESSION_ABSOLUTE,
        client_ip(connection),
        connection.headers.get("user-agent", "")[:_LONGEST_AGENT],
    )
    return secret


async def close_session(unit: Unit, token_hash: bytes, at: datetime) -> None:
    """End a session."""
    await unit.execute("SELECT auth_close_session($1, $2)", token_hash, at)


def give_cookie(response: Response, connection: HTTPConnection, secret: str) -> None:
    """Hand the browser its session; the cookie ends with the browser or the session, whichever is first."""
    response.set_cookie(
        cookie_name(connection), secret, path="/", secure=edge(connection).secure, httponly=True, samesite="lax"
    )


def take_cookie(response: Response, connection: HTTPConnection) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(
        cookie_name(connection), path="/", secure=edge(connection).secure, httponly=True, samesite="lax"
    )


def client_ip(connection: HTTPConnection) -> str:
    """Tell the address of the other end; behind a proxy it is the proxy's."""
    return connection.client.host if connection.client else ""

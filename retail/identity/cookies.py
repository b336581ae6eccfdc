"""Our cookies: the session, what lies between two factors, a passkey's challenge, and the browser itself.

Each is 256 random bits of which only the SHA-256 is stored; none can be read by scripts or sent from another site.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from retail.identity.rules import BETWEEN_FACTORS, BROWSER_KNOWN, CHALLENGE_LIVES, digest, new_secret
from retail.runtime.web.context import edge

SESSION: Final = "s"
ATTEMPT: Final = "a"
CHALLENGE: Final = "c"
BROWSER: Final = "k"
_LIVES: Final = {ATTEMPT: BETWEEN_FACTORS, CHALLENGE: CHALLENGE_LIVES, BROWSER: BROWSER_KNOWN}


def cookie_name(connection: HTTPConnection, kind: str = SESSION) -> str:
    """Name a cookie: with `__Host-` wherever the browser speaks https; on the loopback browsers refuse that."""
    return f"__Host-{kind}" if edge(connection).secure else kind


def read_cookie(connection: HTTPConnection, kind: str) -> bytes | None:
    """Give the hash of what the browser sent, or None."""
    secret = connection.cookies.get(cookie_name(connection, kind), "")
    return digest(secret) if secret else None


def give_cookie(response: Response, connection: HTTPConnection, secret: str, kind: str = SESSION) -> None:
    """Hand the browser a secret; the session's ends with the browser or the session, whichever is first."""
    lives = _LIVES.get(kind)
    response.set_cookie(
        cookie_name(connection, kind),
        secret,
        max_age=int(lives.total_seconds()) if lives else None,
        path="/",
        secure=edge(connection).secure,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, connection: HTTPConnection, kind: str = SESSION) -> None:
    """Have the browser forget a secret."""
    response.delete_cookie(
        cookie_name(connection, kind), path="/", secure=edge(connection).secure, httponly=True, samesite="lax"
    )


def browser_secret(connection: HTTPConnection) -> str:
    """Give the secret by which this browser is known, a new one for a browser that has none."""
    return connection.cookies.get(cookie_name(connection, BROWSER), "") or new_secret()

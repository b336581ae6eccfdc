"""The shape of a request, before anybody reads it: how long its head may be, and what it may say only once.

Two Origin or two Authorization lines mean one thing to a proxy and another to us, so they are refused. Of what may be
repeated, the last counts, everywhere alike: fields of a query or a form, keys of a JSON object.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from retail.kit.errors import DomainError
from retail.kit.text import _

MOST_HEADERS: Final = 100
MOST_HEADER_BYTES: Final = 32 * 1024
MOST_QUERY_BYTES: Final = 8 * 1024
MOST_PATH_BYTES: Final = 2 * 1024
ONCE: Final = frozenset(
    {
        b"authorization", b"content-length", b"content-type", b"cookie", b"host", b"idempotency-key", b"origin",
        b"referer", b"sec-fetch-mode", b"sec-fetch-site", b"transfer-encoding",
    }
)  # fmt: skip


class HeadTooLarge(DomainError):
    """The address or the headers are longer than any of ours."""

    status = 431
    code = "head_too_large"

    def sentence(self) -> str:
        """Say what helps a person: cookies are what grows."""
        return _("Your browser sent too much along. Delete this site's cookies and try again.")


class Ambiguous(DomainError):
    """A header that means one thing was sent twice."""

    status = 400
    code = "ambiguous_request"

    def sentence(self) -> str:
        """Say whom to ask."""
        return _("This request says the same thing twice. Ask whoever looks after your network or program.")


class Shape:
    """Refuses requests whose head is too long or ambiguous. Raises HeadTooLarge, Ambiguous."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for a head that can mean one thing only."""
        if scope["type"] in {"http", "websocket"}:
            check(scope)
        await self.app(scope, receive, send)


def check(scope: Scope) -> None:
    """Judge a head. Raises HeadTooLarge, Ambiguous."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        raise HeadTooLarge
    if len(scope["query_string"]) > MOST_QUERY_BYTES or len(scope["path"]) > MOST_PATH_BYTES:
        raise HeadTooLarge
    seen = Counter(name for name, _value in headers if name in ONCE)
    if any(times > 1 for times in seen.values()):
        raise Ambiguous

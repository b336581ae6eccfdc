"""How the fake till server answers: with the product's security headers, badly, or not to the end."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.browser import POLICY

TILL_POLICY = POLICY.replace("connect-src 'self'", "connect-src 'self' http://127.0.0.1:9187")  # the bridge


class HasHabits(Protocol):
    """Says with which status everything is refused; 0 is not at all."""

    status: int


class LostReply(Response):
    """A reply that breaks off: the work is done, the till never hears of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{"})


def problem(status: int, body: dict[str, Any]) -> Response:
    return JSONResponse(
        {"type": "about:blank", "title": "Refused", "status": status, **body},
        status,
        media_type="application/problem+json",
    )


class Policy:
    """The product's security headers on everything."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", TILL_POLICY.encode())]
            await send(message)

        await self.app(scope, receive, with_policy)


class Habits:
    """Answers every request of the API with a status, while the test wants that."""

    def __init__(self, app: ASGIApp, fake: HasHabits) -> None:
        self.app, self.fake = app, fake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.fake.status and scope["type"] == "http" and "/api/" in scope["path"]:
            await problem(self.fake.status, {"code": "habit", "detail": "Not now."})(scope, receive, send)
        else:
            await self.app(scope, receive, send)

"""The headers that every answer carries, errors and static files too."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retail.runtime.web.context import KEY, Edge
from retail.runtime.web.reports import PATH as REPORTS

# No nonces, no inline, no eval; htmx, the charts and the till each have one named Trusted Types policy.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types htmx vega till push; "
    f"report-uri {REPORTS}; report-to csp"
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), "
        "display-capture=(), browsing-topics=()"
    ),
    "Reporting-Endpoints": f'csp="{REPORTS}"',
    "X-Robots-Tag": "noindex, nofollow",
}
TILL_MAY: Final = HEADERS["Permissions-Policy"].replace("serial=()", "serial=(self)").replace("usb=()", "usb=(self)")
"""What the till's page may ask its people for beside the camera: a scale or a printer on a cable."""
BRIDGE_PORT: Final = 9187
"""Where `countertop bridge` listens on a till's own machine."""
TILL_HEADERS: Final = {
    "Permissions-Policy": TILL_MAY,
    "Content-Security-Policy": POLICY.replace(
        "connect-src 'self'", f"connect-src 'self' http://127.0.0.1:{BRIDGE_PORT}"
    ),
}
"""What the till's page has instead of everybody's; its service worker answers with the file's own headers."""
NO_REFERRER: Final = "no-referrer"
HSTS: Final = "max-age=63072000; includeSubDomains"


class SafeHeaders:
    """Adds the safety headers; answers that say nothing about caching are not to be stored."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with its answer's headers completed."""
        if scope["type"] == "websocket":
            await self.app(scope, receive, _Refusals(scope, send))
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                complete(scope, MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_safely)


def complete(scope: Scope, headers: MutableHeaders) -> None:
    """Add what every answer carries; an answer's own word on referrers, caching and its policy stands."""
    here: Edge = scope[KEY]
    if b"token=" in scope["query_string"]:
        headers["Referrer-Policy"] = NO_REFERRER  # the address itself lets in whoever has it
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-store")
    headers["X-Request-Id"] = here.request_id
    if headers.get("Content-Type", "").startswith("text/html"):
        headers.add_vary_header("HX-Request")
    if here.secure:
        headers["Strict-Transport-Security"] = HSTS


class _Refusals:
    """Gives a socket that is refused before it was accepted a real answer, where the server can send one."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._answered = False

    async def __call__(self, message: Message) -> None:
        """Pass a message on; a close in front of the handshake becomes 403 with the safety headers."""
        can = "websocket.http.response" in (self._scope.get("extensions") or {})
        if message["type"] != "websocket.close" or self._answered or not can:
            self._answered = True
            await self._send(message)
            return
        self._answered = True
        headers = MutableHeaders({"Content-Length": "0"})
        complete(self._scope, headers)
        await self._send({"type": "websocket.http.response.start", "status": 403, "headers": headers.raw})
        await self._send({"type": "websocket.http.response.body", "body": b"", "more_body": False})

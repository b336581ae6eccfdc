"""uvicorn's HTTP/1.1 over httptools, with a size and a time for a request's head: neither library limits them.

A head that is longer, or that isn't there in time, ends its connection before any application code runs; one that
arrived whole is judged by runtime/web/shape.py, which can answer like any other page.
"""

from __future__ import annotations

from asyncio import TimerHandle
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from retail.runtime.web.headers import HEADERS

MOST_HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 15.0


def _last_answer(status: str, text: bytes = b"") -> bytes:
    """Write an answer that ends its connection, with the headers that every answer carries."""
    lines = [f"{name}: {value}" for name, value in {**HEADERS, "Cache-Control": "no-store"}.items()]
    lines += ["Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(text)}", "Connection: close"]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "\r\n"]).encode("ascii") + text


class GuardedProtocol(HttpToolsProtocol):
    """One connection whose heads are bounded in bytes and in seconds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head = True
        self._deadline: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that is too long before it is complete ends the connection."""
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._in_head else 0
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_last_answer("431 Request Header Fields Too Large"))
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, with the headers that every answer carries."""
        self.transport.write(_last_answer("400 Bad Request", msg.encode("ascii", "replace")))
        self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = True
        self._wait()

    def on_headers_complete(self) -> None:
        """Hand a complete head on: from here on the body has its own limits."""
        self._in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()

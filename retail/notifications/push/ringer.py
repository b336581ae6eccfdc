"""Ringing a browser: encrypted by pywebpush, sent by our own guarded client.

pywebpush encrypts and signs; the request itself goes through `Outgoing`, which resolves a name once, refuses addresses
that aren't public, follows no redirect and gives up after five seconds. What pywebpush would do instead was tried: it
follows redirects, waits for hours, and writes the audience of one service into the claims that go to the next.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, Final, Literal

from retail.notifications.push.subscriptions import Browser
from retail.notifications.push.vapid import private_key
from retail.runtime.keys import Keyring
from retail.runtime.web.outgoing import Fetched, Outgoing, OutgoingFailed
from retail.settings import Settings

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 3_993
"""What fits into the 4,096 bytes that every push service takes."""
USUAL_TTL: Final = timedelta(hours=12)
"""How long the service keeps it for a browser that is off; 0 would drop it."""
_SECONDS: Final = 5
_AGAIN: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=1)
Send = Callable[..., Awaitable[object]]
"""`pywebpush.webpush_async`, or what a test puts in its place."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What became of it: sent; gone (the browser is no more: forget it); refused for good; or again, after a while."""

    how: Literal["sent", "gone", "refused", "again"]
    after: timedelta = timedelta(0)


class Ringer:
    """Rings browsers at the push services that they named. Raises nothing for what a service answers."""

    def __init__(
        self,
        outgoing: Outgoing,
        keys: Keyring,
        contact: str,
        *,
        exceptions: Iterable[str] = (),
        send: Send | None = None,
    ) -> None:
        self._outgoing, self._keys, self._contact = outgoing, keys, contact
        self._exceptions, self._send = tuple(exceptions), send

    @classmethod
    def of(cls, settings: Settings) -> Ringer:
        """Make the service of a process."""
        contact = settings.contact
        subject = f"mailto:{contact}" if "@" in contact else contact or settings.base_url
        exceptions = () if settings.production else settings.outgoing_exceptions
        return cls(Outgoing.of(settings), Keyring.open(settings), subject, exceptions=exceptions)

    async def ring(
        self, browser: Browser, said: Mapping[str, Any], *, ttl: timedelta, urgent: bool, topic: str
    ) -> Rung:
        """Ring one browser with a small text. `topic`: 32 letters at most; a newer one of the same replaces it."""
        browser.check(self._exceptions)
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        if len(body.encode()) > MOST_BYTES:
            raise ValueError("a push holds a sentence and an address, no more")
        client = _Client(self._outgoing)
        try:
            await (self._send or _webpush())(
                {"endpoint": browser.endpoint, "keys": {"p256dh": browser.p256dh, "auth": browser.auth}},
                data=body,
                vapid_private_key=private_key(self._keys, browser.key_version),
                vapid_claims={"sub": self._contact},  # a dict of its own: the library writes the audience into it
                content_encoding="aes128gcm",
                ttl=max(int(ttl.total_seconds()), 1),
                timeout=_SECONDS,
                headers={"Urgency": "high" if urgent else "normal", "Topic": topic},
                aiohttp_session=client,
            )
        except OutgoingFailed as failed:
            return Rung("refused") if failed.reason in {"address", "redirect"} else Rung("again", _AGAIN)
        except Exception:
            if client.answer is None:  # a key that is no point, say: it must not keep the others waiting
                logger.exception("A push could not be made.")
        return _judge(client.answer)


class _Client:
    """What pywebpush takes for a session of aiohttp: `post`, and an answer with status, reason, headers and text."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self.answer: Fetched | None = None

    async def post(self, url: str, *, data: bytes, headers: Mapping[str, str], **_ours: object) -> _Answer:
        """Send; the timeout is the client's own. Raises OutgoingFailed."""
        self.answer = await self._outgoing.post(url, data, headers=dict(headers))
        return _Answer(self.answer)


@dataclass(frozen=True, slots=True)
class _Answer:
    fetched: Fetched

    @property
    def status(self) -> int:
        return self.fetched.status

    @property
    def status_code(self) -> int:
        return self.fetched.status

    @property
    def reason(self) -> str:
        return ""

    @property
    def headers(self) -> Mapping[str, str]:
        return self.fetched.headers

    async def text(self) -> str:
        return self.fetched.body.decode(errors="replace")


def _judge(answer: Fetched | None) -> Rung:
    if answer is None:
        return Rung("again", _AGAIN)
    if answer.status in {404, 410}:
        return Rung("gone")
    if answer.status == 429 or answer.status >= 500:
        return Rung("again", _pause(answer.headers.get("retry-after", "")))
    return Rung("sent") if answer.status < 300 else Rung("refused")


def _pause(said: str) -> timedelta:
    return min(timedelta(seconds=int(said)), _LONGEST) if said.isdecimal() and len(said) < 8 else _AGAIN


def _webpush() -> Send:
    """Load the library where something is rung: it brings aiohttp along, which the web processes don't need."""
    send: Send = import_module("pywebpush").webpush_async
    return send

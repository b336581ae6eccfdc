"""How a virtual till asks the server: as an enrolled device that proves itself, over a line that may fail anywhere."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.paper import Key


class Unreachable(Exception):
    """No answer, half of one, or one that nobody could read."""


class Refused(Exception):
    """The server said no, in its words."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code', '')}")
        self.status, self.body = status, body
        self.code = str(body.get("code", ""))


class Wire:
    """One connection of a till; made anew whenever it broke. `kept` is told the session's cookie, for the disk."""

    def __init__(self, origin: str, base: str, device: str, key: Key, timeout: float) -> None:
        self.origin, self.base, self.device, self.key = origin, base, device, key
        self.cookie = ""
        self.kept: Callable[[str], None] = lambda cookie: None
        self._timeout = timeout
        self._open: http.client.HTTPConnection | None = None

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask as the device; it signs a challenge first where it has no session. Raises Refused, Unreachable."""
        if not self.cookie:
            self._prove()
        document, _cookie = self._ask(f"{self.base}/api/v1/{path}", body)
        return document

    def _prove(self) -> None:
        said, _none = self._ask("/api/v1/devices/challenges", {"device": self.device})
        challenge = said["challenge"]
        signature = self.key.prove(self.origin, self.device, challenge)
        proof = {"device": self.device, "challenge": challenge, "signature": signature}
        _facts, self.cookie = self._ask("/api/v1/devices/sessions", proof)
        self.kept(self.cookie)

    def _ask(self, path: str, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Origin": self.origin}
        if self.cookie:
            headers |= {"Cookie": self.cookie, "X-Till-Device": self.device}
        try:
            if self._open is None:
                self._open = http.client.HTTPConnection(urlsplit(self.origin).netloc, timeout=self._timeout)
            self._open.request("POST", path, json.dumps(body), headers)
            answer = self._open.getresponse()
            text = answer.read()
            document = json.loads(text)
        except (OSError, http.client.HTTPException, ValueError) as broken:
            self.close()
            raise Unreachable(repr(broken)) from broken
        if answer.status >= 300:
            raise Refused(answer.status, document)
        return document, str(answer.getheader("Set-Cookie") or "").partition(";")[0]

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

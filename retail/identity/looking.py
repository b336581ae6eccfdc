"""At the door of whoever only looks: nothing is changed by any method, and no file is taken along."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from retail.kit.errors import OnlyLooking
from retail.runtime.web.context import edge
from retail.runtime.web.middleware import SAFE_METHODS

STOP: Final = "/platform/look/stop"
_ALWAYS: Final = frozenset({STOP, "/sign-out"})
"""What ends the look itself."""
_TAKES_ALONG: Final = re.compile(
    r".*/exports?/[^/]+|.*/export|.*/export\.[a-z]+|/t/[^/]+/(?:people|customers)/[^/]+/data|/t/[^/]+/tills/[^/]+/(?:sell|display)"
    r"|/t/[^/]+/products/imports/[^/]+/report|/t/[^/]+/security/sso/test|/account/data/[^/]+|/sign-in/sso/.*"
)
"""Addresses of files that hold much of somebody's data, of the till itself, and of flows that lead to a change."""


class Looking:
    """Stands behind the doorkeeper. Raises OnlyLooking for all but looking; a device is nobody's look."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Run the application unless whoever looks would change something or take it along."""
        if scope["type"] == "http" and edge(HTTPConnection(scope)).looking is not None:
            path = scope["path"]
            changes = scope["method"] not in SAFE_METHODS and path not in _ALWAYS
            if changes or _TAKES_ALONG.fullmatch(path):
                raise OnlyLooking
        await self.app(scope, receive, send)

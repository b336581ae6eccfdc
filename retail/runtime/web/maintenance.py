"""The operator's message of maintenance, brought to every page of whoever is signed in."""

from __future__ import annotations

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from retail.kit.errors import Busy
from retail.runtime.switches import MESSAGE, REMEMBERED
from retail.runtime.web.context import edge
from retail.runtime.web.middleware import SAFE_METHODS


class Maintenance:
    """Stands behind the doorkeeper. Without a database there is no message, and no page fails for it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application with the message, if there is one."""
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            here = edge(HTTPConnection(scope))
            if here.person is not None and here.token is None and here.process.database is not None:
                try:
                    here.message = str(await REMEMBERED.value(here.process.database, MESSAGE))
                except Busy:
                    here.message = ""
        await self.app(scope, receive, send)

"""At the door of a business that stands still, wholly or in part: everybody may look, and change what it takes."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from retail.identity.rules import KNOWN_FOR
from retail.runtime.db import Database
from retail.runtime.web.context import edge
from retail.runtime.web.middleware import SAFE_METHODS
from retail.tenants.life import Life, StandsStill, life_of

_MOST_KNOWN: Final = 10_000


class Lives:
    """How businesses stand, remembered for two seconds."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[datetime, Life | None]] = {}

    async def of(self, database: Database, tenant: UUID) -> Life | None:
        """Give how a business stands."""
        now = database.clock.now()
        known = self._known.get(tenant)
        if known is None or known[0] <= now:
            async with database.platform() as unit:
                known = (now + KNOWN_FOR, await life_of(unit, tenant))
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[tenant] = known
        return known[1]

    def forget(self, tenant: UUID) -> None:
        """Ask anew: its status has just changed here."""
        self._known.pop(tenant, None)


LIVES: Final = Lives()


class Standstill:
    """Stands behind the doorkeeper, and refuses changes of a business that stands still. Raises StandsStill."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Run the application unless it would change what must stay."""
        if scope["type"] == "http":
            here = edge(HTTPConnection(scope))
            database = here.process.database
            if here.scope is not None and database is not None:
                life = await LIVES.of(database, here.scope.tenant)
                here.standing = life and life.standing
                path = scope["path"].removeprefix(f"/t/{here.slug}") if here.slug else scope["path"]
                if life is not None and scope["method"] not in SAFE_METHODS and not life.takes(path):
                    raise StandsStill(life.status)
        await self.app(scope, receive, send)

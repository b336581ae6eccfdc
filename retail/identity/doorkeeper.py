"""Who is at the door: a session's cookie or a bearer token becomes a person, a tenant and what may be done there.

Whoever isn't a member of a path's tenant gets 404 for everything under it, whether the tenant exists or not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from retail.identity.bearers import by_signed_token
from retail.identity.cookies import cookie_name
from retail.identity.device_door import admit_device
from retail.identity.gate import device_gate
from retail.identity.knowing import MEMORY, Known, known_by, scope_of
from retail.identity.rules import TOKEN_PREFIX, digest
from retail.kit.errors import NotFound, SecondFactorNeeded
from retail.kit.text import use_language
from retail.runtime import telemetry
from retail.runtime.web.context import Edge, edge

__all__ = ["MEMORY", "Doorkeeper", "Known", "known_by", "scope_of"]

# Static files, health and metrics work without a database.
_OPEN_TO_ALL: Final = (
    "/static/",
    "/kiosk/",
    "/sw.js",
    "/office.js",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
    "/csp-reports",
    "/till-reports",
)
# Where a session may go outside of the one business that it counts in.
_BOUND_TO_ALL: Final = ("/sign-in", "/sign-out", "/confirm", "/invitation", "/password/")
_API: Final = re.compile(r"(/t/[^/]+)?/api/")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")


class Doorkeeper:
    """Finds out who asks before any route is looked at. Raises NotFound for a tenant that isn't theirs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Run the application with the edge's person, tenant and scope filled in, in the tenant's language."""
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(_OPEN_TO_ALL):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        here = edge(connection)
        slug, known = _slug(scope["path"]), None
        if await admit_device(connection, slug):
            await self._check_device(here)
        else:
            known = await self._look(connection, here, slug)
            if known is not None and known.gate.only_slug and scope["path"] == "/":
                await RedirectResponse(f"/t/{known.gate.only_slug}/", 303)(scope, receive, send)
                return
            if known is not None and _leads_out(known, slug, scope["path"]):
                known = None
            if known is not None:
                self._admit(here, known, slug)
                await self._hold_up(connection, here, known, slug)
        facts = {"tenant": here.tenant.slug} if here.tenant else {}
        if here.device is not None:
            facts["person"] = f"device {here.device.device}"
        elif here.scope is not None or here.person is not None:
            facts["person"] = str(here.person.id) if here.person else f"token {here.token.id}"
        with telemetry.about(**facts), use_language(here.language or (here.tenant.locale if here.tenant else "en")):
            self._name_role(here, known)
            await self.app(scope, receive, send)

    @staticmethod
    def _name_role(here: Edge, known: Known | None) -> None:
        """Say what the person's role is called, in the language that is in use."""
        if known is not None and known.called is not None and here.person is not None:
            here.person = replace(here.person, role_words=known.called.words)

    async def _look(self, connection: HTTPConnection, here: Edge, slug: str) -> Known | None:
        database = here.process.database
        authorization = connection.headers.get("authorization", "")
        bearer = authorization[7:].strip() if authorization[:7].lower() == "bearer " else None
        secret = bearer if bearer is not None else connection.cookies.get(cookie_name(connection), "")
        if not secret or database is None:
            return None
        if bearer is not None and not _API.match(connection.scope["path"]):
            return None  # a program's token opens no page, and a cookie beside it counts for nothing
        if bearer is not None and not bearer.startswith(TOKEN_PREFIX):
            return await by_signed_token(connection, database, bearer)
        if bearer is None:
            here.session = digest(secret)
        return await known_by(database, digest(secret), slug, bearer=bearer is not None)

    @staticmethod
    def _admit(here: Edge, known: Known, slug: str) -> None:
        if slug and (known.tenant is None or known.tenant.slug != slug or not known.role):
            raise NotFound("tenant")
        here.person, here.token = known.person, known.token
        standing = known.standing
        here.factors, here.confirmed_at, here.language = standing.factors, standing.confirmed_at, standing.language
        here.second_factor_by, here.looking = standing.second_factor_by, known.look
        Doorkeeper._check_gate(here, known)
        bare = scope_of(known, here.request_id)
        here.scope = replace(bare, ip=here.ip, session=standing.session) if bare else None
        if here.scope is not None:
            here.tenant, here.slug = known.tenant, slug

    @staticmethod
    def _check_gate(here: Edge, known: Known) -> None:
        """Ask what the business asks beside who it is. Raises OutsideNetworks, SignInElsewhere."""
        if known.tenant is not None and here.process.database is not None:
            person = known.person.id if known.person else None
            known.gate.check_way(known.tenant.slug, known.tenant.id, known.role, person)
            known.gate.check_address(here.ip, here.process.database.clock.now())
        if known.token is not None:
            known.token.check_address(here.ip)

    @staticmethod
    async def _check_device(here: Edge) -> None:
        """Ask a device from where it comes, where its business wants that. Raises OutsideNetworks."""
        if here.tenant is not None and here.process.database is not None:
            gate = await device_gate(here.process.database, here.tenant.id)
            gate.check_address(here.ip, here.process.database.clock.now(), device=True)

    @staticmethod
    async def _hold_up(connection: HTTPConnection, here: Edge, known: Known, slug: str) -> None:
        """Ask for a second factor that is overdue. Raises SecondFactorNeeded."""
        database, path = here.process.database, connection.scope["path"]
        if database is None:
            return
        now = database.clock.now()
        if known.person is not None and known.person.operator and here.process.settings.production and not slug:
            here.second_factor_by = None if known.standing.second_factor else now
        if (slug and known.standing.is_overdue(path, now)) or (path.startswith("/platform") and here.second_factor_by):
            raise SecondFactorNeeded


def _leads_out(known: Known, slug: str, path: str) -> bool:
    """Claim that a session asks for something outside of the one business that it counts in: there it is nobody's."""
    return bool(known.gate.only_slug) and not slug and not path.startswith(_BOUND_TO_ALL)


def _slug(path: str) -> str:
    """Give the part of a path that names a tenant, '-' where it can't be one, '' outside of tenants."""
    if not path.startswith("/t/"):
        return ""
    named = path.split("/", 3)[2]
    return named if _SLUG.fullmatch(named) else "-"

"""Who is at the door: a session's cookie or a bearer token becomes a person, a tenant and what may be done there.

Whoever isn't a member of a path's tenant gets 404 for everything under it, whether the tenant exists or not.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from retail.identity.rights import Holding, read_holding
from retail.identity.rules import KNOWN_FOR, SESSION_IDLE, TOKEN_PREFIX, TOUCH_EVERY, digest
from retail.identity.sessions import session_secret
from retail.kit.errors import NotFound
from retail.kit.text import use_language
from retail.runtime import telemetry
from retail.runtime.db import Database, Row, Unit
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.runtime.web.context import Edge, Person, edge

# Static files, health and metrics work without a database.
_OPEN_TO_ALL: Final = ("/static/", "/kiosk/", "/sw.js", "/healthz", "/readyz", "/metrics", "/favicon.ico")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")
_REMEMBERED: Final = 20_000
_TENANT_COLUMNS: Final = (
    "id",
    "slug",
    "name",
    "country",
    "currency",
    "locale",
    "timezone",
    "prices_include_tax",
    "cash_unit_minor",
)


@dataclass(frozen=True, slots=True)
class Token:
    """The API token that a request came with."""

    id: UUID
    kind: str
    till: UUID | None


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a secret belongs to, seen from one path."""

    actor: Actor
    role: str
    person: Person | None
    tenant: TenantFacts | None
    token: Token | None = None
    holding: Holding = field(default_factory=Holding)
    """The rights there and at `at`; nobody has any where nobody said so."""
    at: datetime | None = None


class Memory:
    """What the database said about secrets in the last two seconds; sign-out and role changes empty it at once."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[bytes, str], tuple[datetime, Known]] = OrderedDict()

    def recall(self, token_hash: bytes, slug: str, now: datetime) -> Known | None:
        """Give what is known and still fresh."""
        found = self._known.get((token_hash, slug))
        return found[1] if found and found[0] > now else None

    def keep(self, token_hash: bytes, slug: str, known: Known, now: datetime) -> None:
        """Remember for two seconds."""
        self._known[token_hash, slug] = (now + KNOWN_FOR, known)
        self._known.move_to_end((token_hash, slug))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def forget(
        self, *, token_hash: bytes | None = None, person: UUID | None = None, tenant: UUID | None = None
    ) -> None:
        """Drop what is known of a session, of a person's sessions and tokens, or of everybody in a tenant."""
        gone = [
            key
            for key, (_until, known) in self._known.items()
            if key[0] == token_hash
            or (person is not None and known.person is not None and known.person.id == person)
            or (tenant is not None and known.tenant is not None and known.tenant.id == tenant)
        ]
        for key in gone:
            del self._known[key]


MEMORY: Final = Memory()


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
        slug = _slug(scope["path"])
        known = await self._look(connection, here, slug)
        if known is not None:
            self._admit(here, known, slug)
        facts = {"tenant": here.tenant.slug} if here.tenant else {}
        if here.scope is not None or here.person is not None:
            facts["person"] = str(here.person.id) if here.person else f"token {here.token.id}"
        with telemetry.about(**facts), use_language(here.tenant.locale if here.tenant else "en"):
            await self.app(scope, receive, send)

    async def _look(self, connection: HTTPConnection, here: Edge, slug: str) -> Known | None:
        database = here.process.database
        authorization = connection.headers.get("authorization", "")
        bearer = authorization[7:].strip() if authorization[:7].lower() == "bearer " else None
        secret = bearer if bearer is not None else session_secret(connection)
        if not secret or database is None or (bearer is not None and not bearer.startswith(TOKEN_PREFIX)):
            return None
        if bearer is None:
            here.session = digest(secret)
        return await known_by(database, digest(secret), slug, bearer=bearer is not None)

    @staticmethod
    def _admit(here: Edge, known: Known, slug: str) -> None:
        if slug and (known.tenant is None or known.tenant.slug != slug or not known.role):
            raise NotFound("tenant")
        here.person, here.token = known.person, known.token
        here.scope = scope_of(known, here.request_id)
        if here.scope is not None:
            here.tenant, here.slug = known.tenant, slug


async def known_by(
    database: Database, token_hash: bytes, slug: str, *, bearer: bool, fresh: bool = False
) -> Known | None:
    """Find whom a secret belongs to; None for nobody. `fresh` asks the database whatever is remembered."""
    now = database.clock.now()
    known = None if fresh else MEMORY.recall(token_hash, slug, now)
    if known is None:
        async with database.platform() as unit:
            known = await (_by_token(unit, token_hash) if bearer else _by_session(unit, token_hash, slug))
        if known is not None:
            MEMORY.keep(token_hash, slug, known, now)
    return known


def scope_of(known: Known, request_id: str) -> Scope | None:
    """Give the scope that somebody known acts in; None outside of a tenant."""
    if known.tenant is None or not known.role:
        return None
    bare = Scope(known.tenant.id, known.actor, role=known.role, request_id=request_id, proved_at=known.at)
    return known.holding.put_on(bare)


async def _by_session(unit: Unit, token_hash: bytes, slug: str) -> Known | None:
    row = await unit.fetchrow(
        "SELECT d.*, auth_rights(d.id, d.person_id, NULL, $3) AS rights FROM auth_door($1, $2, $3, $4) d",
        token_hash,
        slug,
        unit.now,
        unit.now - SESSION_IDLE,
    )
    if row is None:
        return None
    if unit.now - row["seen_at"] > TOUCH_EVERY:
        await unit.execute("SELECT auth_touch_session($1, $2)", token_hash, unit.now)
    person = Person(row["person_id"], row["person_name"], row["email"], row["role"] or "", operator=row["operator"])
    return _known(unit, row, Known(Actor("person", person.id, person.name), person.role, person, _tenant(row)))


async def _by_token(unit: Unit, token_hash: bytes) -> Known | None:
    row = await unit.fetchrow(
        """SELECT d.*, auth_rights(d.id, d.person_id, d.token_role, $2) AS rights
             FROM auth_token_door($1, $2) d""",
        token_hash,
        unit.now,
    )
    if row is None:
        return None
    token = Token(row["token_id"], row["kind"], row["till_id"])
    if row["kind"] == "script":
        actor = Actor("token", token.id, row["token_name"])
        return _known(unit, row, Known(actor, row["token_role"], None, _tenant(row), token))
    if row["role"] is None:
        return None
    person = Person(row["person_id"], row["person_name"], row["email"], row["role"])
    return _known(unit, row, Known(Actor("person", person.id, person.name), person.role, person, _tenant(row), token))


def _known(unit: Unit, row: Row, known: Known) -> Known:
    """Add the rights of now, as auth_rights() gave them."""
    return replace(known, holding=read_holding(row["rights"]), at=unit.now)


def _tenant(row: Row) -> TenantFacts | None:
    facts: dict[str, Any] = {name: row[name] for name in _TENANT_COLUMNS}
    return TenantFacts(**facts) if facts["id"] is not None else None


def _slug(path: str) -> str:
    """Give the part of a path that names a tenant, '-' where it can't be one, '' outside of tenants."""
    if not path.startswith("/t/"):
        return ""
    named = path.split("/", 3)[2]
    return named if _SLUG.fullmatch(named) else "-"

"""What a request knows: the process it runs in, who asks, and for which tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import HTTPConnection

from retail.kit.errors import Forbidden, NotFound, Unauthenticated
from retail.runtime.db import Database
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Scope, TenantFacts
from retail.settings import Settings

if TYPE_CHECKING:
    from uuid import UUID

    from retail.runtime.web.assets import Assets

KEY: Final = "countertop.edge"
BODY_LIMIT: Final = 2 * 1024 * 1024


@dataclass
class Process:
    """What one web process holds while it runs; `hub` and `redis` are None where there is none."""

    settings: Settings
    assets: Assets
    database: Database | None = None
    hub: Any = None
    wire: Any = None  # from socket to socket; see realtime/wire.py
    redis: Any = None
    paces: Any = None  # how fast callers go; see pace.py
    limits: Any = None  # how often things were tried; see limits.py
    keys: Any = None  # the keyring, opened when it is first asked for
    providers: Any = None  # the identity providers that were asked lately
    overview: Any = None  # what operators look at; see retail/console/overview.py
    places: Any = None  # a function from a request to the navigation's places


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. `role` is the role in the request's tenant, '' outside of one, `role_words` its name."""

    id: UUID
    name: str
    email: str
    role: str = ""
    operator: bool = False
    role_words: str = ""

    @property
    def initials(self) -> str:
        """Give up to two letters for the round mark in the corner."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@dataclass(slots=True)
class Edge:
    """One request's own notes, filled in by the middleware from the outside in."""

    request_id: str
    process: Process
    origin: str = ""
    secure: bool = False
    slug: str = ""
    host_slug: str = ""  # the business that the host itself names
    route: str = ""
    tenant: TenantFacts | None = None
    scope: Scope | None = None
    person: Person | None = None
    session: bytes | None = None
    ip: str = ""
    factors: frozenset[str] = frozenset()
    language: str = ""  # what the person prefers to the tenant's
    confirmed_at: datetime | None = None
    second_factor_by: datetime | None = None  # until when a second factor has to be set up
    token: Any = None
    device: Any = None  # the enrolled device that asks, if one does
    standing: Any = None  # how the tenant stands with its bills; see retail/tenants/standstill.py
    looking: Any = None  # what an operator's session looks at without changing it; see retail/identity/looks.py
    message: str = ""  # what the operator tells whoever is signed in; see maintenance.py
    body_limit: int = BODY_LIMIT
    reported: bool = False
    refused: Forbidden | None = None
    """The refusal that became the answer, if one did."""

    @property
    def base(self) -> str:
        """Give the prefix of this tenant's addresses, '' outside of a tenant and at the tenant's own host."""
        return f"/t/{self.slug}" if self.slug and self.slug != self.host_slug else ""

    def outward(self, path: str) -> str:
        """Give the address, on whatever host, of a path that may name a business: /t/acme/x at acme's own host is /x.

        What isn't at this host (another business, the operator's pages) is at the platform's own.
        """
        if not self.host_slug or not path.startswith("/"):
            return path
        own = f"/t/{self.host_slug}"
        if path == own or path.startswith(own + "/"):
            return path.removeprefix(own) or "/"
        elsewhere = path.startswith(("/t/", "/platform"))
        return self.process.settings.base_url + path if elsewhere else path


def edge(connection: HTTPConnection) -> Edge:
    """Give the request's notes."""
    found: Edge = connection.scope[KEY]
    return found


def db(connection: HTTPConnection) -> Database:
    """Give the process's database."""
    database = edge(connection).process.database
    if database is None:
        raise RuntimeError("The database is opened when the application starts; this request came before.")
    return database


def scope(connection: HTTPConnection) -> Scope:
    """Give the scope to open units of work with. Raises Unauthenticated, NotFound outside of a tenant."""
    here = edge(connection)
    if here.scope is None:
        raise NotFound("tenant") if here.person else Unauthenticated
    return here.scope


def tenant(connection: HTTPConnection) -> TenantFacts:
    """Give the facts of the tenant that the request is about. Raises NotFound where there is none."""
    here = edge(connection)
    if here.tenant is None:
        raise NotFound("tenant")
    return here.tenant


def person(connection: HTTPConnection) -> Person:
    """Give who is signed in. Raises Unauthenticated; a program with a token is nobody."""
    here = edge(connection)
    if here.person is None:
        raise Unauthenticated
    return here.person


def settings(connection: HTTPConnection) -> Settings:
    """Give the process's settings."""
    return edge(connection).process.settings


def keyring(connection: HTTPConnection) -> Keyring:
    """Give the process's keys, kept outside the database. Raises BadKey where one can't be used."""
    process = edge(connection).process
    if process.keys is None:
        process.keys = Keyring.open(process.settings)
    found: Keyring = process.keys
    return found


def hub(connection: HTTPConnection) -> Any:  # noqa: ANN401 - the live hub lies above this module
    """Give the process's live hub, or None."""
    return edge(connection).process.hub

"""The web application under test, visitors with a session in it, and a socket without a network."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from starlette.applications import Starlette

from retail.app import create_app
from retail.identity.factors import accept_app, propose_app
from retail.identity.operations import NewMember, add_member, open_account
from retail.identity.passwords import make_hash
from retail.identity.roles_changes import create_role, set_rights
from retail.identity.rules import digest, new_secret
from retail.kit.ids import new_id
from retail.runtime.db import Database, Unit
from retail.runtime.keys import NAMES, Keyring
from retail.runtime.tenancy import Right, Scope
from retail.runtime.web.pace import Buckets
from retail.settings import Settings
from tests.support.world import Shop

ORIGIN = "http://shop.test"
PASSWORD = "an umbrella in the rain"
PASSWORD_HASH = make_hash(PASSWORD)
KEYS = Keyring.open(
    Settings(environment="test"), {f"KEY_{name.upper()}": f"1:{secrets.token_hex(32)}" for name in NAMES}
)


@dataclass
class Site:
    """The application on a test's database."""

    app: Starlette
    db: Database
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def visitor(self, secret: str = "", **headers: str) -> httpx.AsyncClient:
        """Give a browser that sends a session's secret, if any, and says that its requests are our own."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=True),
            base_url=ORIGIN,
            headers={"Origin": ORIGIN, **headers},
            cookies={"s": secret} if secret else None,
        )
        self._clients.append(client)
        return client

    async def member(self, shop: Shop, role: str = "owner") -> httpx.AsyncClient:
        """Give a browser in which a member of a shop is signed in."""
        _person, _email, secret = await enrol(self.db, shop.tenant.id, role)
        return self.visitor(secret)

    async def holder(self, shop: Shop, *permissions: str) -> httpx.AsyncClient:
        """Give a browser of a member who may do just this."""
        return await self.member(shop, await role_with(self.db, shop.tenant.id, *permissions))

    async def close(self) -> None:
        """Close the browsers."""
        for client in self._clients:
            await client.aclose()


async def role_with(db: Database, tenant: UUID, *permissions: str) -> str:
    """Make a role that may do just this; gives its key."""
    rights = {name: Right() for name in permissions}
    async with db.begin(Scope.system(tenant)) as tx:
        made = await create_role(tx, f"Role {new_id().hex}", "viewer")
        return (await set_rights(tx, made.key, rights)).key


async def enrol(db: Database, tenant: UUID, role: str) -> tuple[UUID, str, str]:
    """Take somebody on and sign them in; gives the person, the e-mail address and the session's secret."""
    email = f"{role}-{new_id().hex}@shop.example"
    member = await db.run(Scope.system(tenant), add_member, NewMember(email, role.title(), role, PASSWORD_HASH))
    return member.person_id, email, await session(db, member.person_id)


async def enrol_operator(db: Database, *, second_factor: bool = False) -> tuple[UUID, str, str]:
    """Give an operator an account and a session; in production an operator needs a second factor too."""
    email = f"operator-{new_id().hex}@countertop.example"
    async with db.platform() as unit:
        person = await open_account(unit, email, "Otto Operator", PASSWORD_HASH, at=unit.now, operator=True)
        if second_factor:
            await add_app(unit, person)
    return person, email, await session(db, person)


async def add_app(unit: Unit, person: UUID) -> bytes:
    """Give somebody an authenticator app; gives its secret."""
    secret = await propose_app(unit, KEYS, person)
    assert await accept_app(unit, KEYS, person, code_of(secret, unit.now - timedelta(seconds=30)))
    return secret


def code_of(secret: bytes, at: datetime) -> str:
    """Give the code that an app with the secret shows at a moment."""
    return pyotp.TOTP(base64.b32encode(secret).decode()).at(at)


async def session(db: Database, person: UUID) -> str:
    """Open a session as signing in does, without the 40 ms of a password."""
    secret = new_secret()
    async with db.platform() as unit:
        await unit.execute(
            "SELECT auth_open_session($1, $2, $3, $4::timestamptz, $4::timestamptz + interval '12 hours', '', '')",
            digest(secret),
            new_id(),
            person,
            unit.now,
        )
    return secret


class AnyPace(Buckets):
    """A crawl asks faster and more than any person."""

    def take(self, name: str, key: str) -> None:
        """Let everything through."""


def make_site(db: Database, **settings: Any) -> Site:
    """Make the application, which answers to shop.test; its database is open already, so no lifespan is needed."""
    app = create_app(Settings(environment="test", **{"allowed_hosts": ("shop.test",)} | settings), database=db)
    app.state.process.keys = KEYS
    return Site(app, db)


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    """Give the application on the worker's database."""
    made = make_site(db)
    yield made
    await made.close()


@dataclass
class Socket:
    """The client's end of a WebSocket that goes straight into the application."""

    sent: asyncio.Queue[dict[str, Any]]
    received: asyncio.Queue[dict[str, Any]]

    async def next(self) -> dict[str, Any]:
        """Give the application's next message."""
        return await asyncio.wait_for(self.received.get(), timeout=5)


@asynccontextmanager
async def socket(
    app: Starlette, path: str, *, scheme: str = "ws", extensions: dict[str, Any] | None = None, **headers: str
) -> AsyncIterator[Socket]:
    """Ask for a WebSocket; what the application answers comes out of `next()`."""
    ours = Socket(asyncio.Queue(), asyncio.Queue())
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in ({"host": "shop.test"} | headers).items()],
        "client": ("127.0.0.1", 1),
        "server": ("shop.test", 80),
        "subprotocols": [],
        "state": {},
        "extensions": extensions or {},
    }
    await ours.sent.put({"type": "websocket.connect"})
    task = asyncio.create_task(app(scope, ours.sent.get, ours.received.put))
    try:
        yield ours
    finally:
        await ours.sent.put({"type": "websocket.disconnect", "code": 1000})
        try:
            await asyncio.wait_for(task, timeout=5)
        except TimeoutError:
            task.cancel()

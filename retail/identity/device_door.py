"""The door for devices: a device session's cookie becomes a scope that sells at the device's own till.

A request that says `X-Till-Device` (a socket: `?device=`) is the device's and never a person's, whoever else is signed
in in the same browser. Without it the device is asked only where no person's session is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection
from starlette.responses import Response

from retail.identity.device_errors import OtherTill
from retail.identity.device_rules import DEVICE_RIGHTS, TILL_RIGHTS
from retail.identity.rights import Held, Holding, hold, read_holding
from retail.identity.rules import digest
from retail.runtime.db import Database, Row, Unit
from retail.runtime.tenancy import Actor, Right, Scope, TenantFacts
from retail.runtime.web.context import Edge, edge

SECURE_COOKIE: Final = "__Host-d"
PLAIN_COOKIE: Final = "d"
HEADER: Final = "x-till-device"
_PERSONS_COOKIES: Final = ("__Host-s", "s")
_ID: Final = "[0-9a-fA-F-]{36}"
_TILL: Final = re.compile(
    rf"/t/[^/]+(?:/api/v1)?/tills/({_ID})"
    rf"/(?:sell|display|display-feed|displays(?:/{_ID}/ending)?|setup|logo|claims|journal|customers|value/check|risk"
    rf"|receipts|layaways(?:/(?:terms|{_ID}))?|news|announcements/{_ID}/confirmations/{_ID}|shift-notes(?:/{_ID}/readings/{_ID})?"
    rf"|threads/{_ID}/(?:messages|reading)|held(?:/{_ID}/recalls)?|returns/{_ID}/(?:promise|withdrawal)"
    rf"|approvals(?:/{_ID}(?:/[a-z]+)?)?)/?"
)
_SHARED: Final = re.compile(
    rf"/t/[^/]+/api/v1/(?:catalogue|codes/reading|stock|events|customers(?:/{_ID})?|offers/set|coupons/check|shifts/{_ID}/x"
    rf"|sales/{_ID}/mails|device(?:/.*)?)"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A device that proved itself by its session's cookie, and whoever stands at it now."""

    session: bytes
    device: UUID
    name: str
    till: UUID
    tenant: TenantFacts
    at: datetime
    person: tuple[UUID, str, str] | None
    holding: Holding

    def scope(self, request_id: str, ip: str) -> Scope:
        """Give the scope it acts in: the cashier's rights at a till, or the few of a device that stands alone."""
        actor, role = Actor("device", self.device, self.name), "device"
        if self.person is not None:
            actor, role = Actor("person", *self.person[:2]), self.person[2]
        bare = Scope(
            self.tenant.id, actor, role=role, request_id=request_id, device=self.device, ip=ip, proved_at=self.at
        )
        return self.holding.put_on(bare)


ALONE: Final = hold([Held(None, dict.fromkeys(DEVICE_RIGHTS, Right()))])
"""What a device may do while nobody stands at it."""


def at_till(holding: Holding) -> Holding:
    """Cut somebody's rights down to what is done at a till."""

    def cut(rights: Mapping[str, Right]) -> dict[str, Right]:
        return {name: right for name, right in rights.items() if name in TILL_RIGHTS}

    stores = {store: cut(rights) for store, rights in holding.store_rights.items()}
    return Holding(cut(holding.rights), stores, holding.stores, holding.permissions & TILL_RIGHTS)


async def admit_device(connection: HTTPConnection, slug: str) -> bool:
    """Let a device in if the request is a device's; claims whether it is, so that no person is looked for.

    Raises OtherTill where a device asks for another till than its own.
    """
    here = edge(connection)
    asked = _asked(connection)
    if (
        not slug
        or here.process.database is None
        or (not asked and any(name in connection.cookies for name in _PERSONS_COOKIES))
    ):
        return False
    path = connection.scope["path"]
    till = _TILL.fullmatch(path)
    if till is None and not _SHARED.fullmatch(path):
        return asked
    secret = connection.cookies.get(cookie_name(here), "")
    caller = await caller_by(here.process.database, digest(secret)) if secret else None
    if caller is None or caller.tenant.slug != slug or (asked and str(caller.device) != _named(connection)):
        return asked
    if till is not None and UUID(till[1]) != caller.till:
        raise OtherTill
    here.scope = caller.scope(here.request_id, here.ip)
    here.tenant, here.slug, here.device = caller.tenant, slug, caller
    return True


async def caller_by(database: Database, token_hash: bytes) -> Caller | None:
    """Find the device of a session, by the hash of its secret; asked each time, so a revoked one is out at once."""
    async with database.platform() as unit:
        row = await unit.fetchrow(
            "SELECT d.*, auth_rights(d.tenant_id, d.person_id, NULL, $2) AS rights FROM auth_device_door($1, $2) d",
            token_hash,
            unit.now,
        )
        facts = await _tenant(unit, row["slug"]) if row else None
    if row is None or facts is None:
        return None
    person = (row["person_id"], row["person_name"], row["role"]) if row["person_id"] else None
    holding = at_till(read_holding(row["rights"])) if person else ALONE
    device, name, till = row["device_id"], row["device_name"], row["till_id"]
    return Caller(token_hash, device, name, till, facts, unit.now, person, holding)


async def _tenant(unit: Unit, slug: str) -> TenantFacts | None:
    row: Row | None = await unit.fetchrow("SELECT * FROM auth_tenant($1)", slug)
    return TenantFacts(**{one.name: row[one.name] for one in fields(TenantFacts)}) if row else None


def cookie_name(here: Edge) -> str:
    """Name the cookie of this connection: the `__Host-` one wherever the browser speaks https."""
    return SECURE_COOKIE if here.secure else PLAIN_COOKIE


def give_device_cookie(response: Response, connection: HTTPConnection, secret: str, until: datetime) -> None:
    """Hand the device its session."""
    here = edge(connection)
    response.set_cookie(
        cookie_name(here), secret, path="/", expires=until, secure=here.secure, httponly=True, samesite="strict"
    )


def take_device_cookie(response: Response, connection: HTTPConnection) -> None:
    """Have the device forget its session."""
    here = edge(connection)
    response.delete_cookie(cookie_name(here), path="/", secure=here.secure, httponly=True, samesite="strict")


def origins(connection: HTTPConnection) -> list[str]:
    """Give the addresses that a device may have signed a challenge for."""
    here = edge(connection)
    public = here.process.settings.public_origins
    ours = [here.origin] if here.host_slug or not (public and here.process.settings.production) else []
    return [*ours, *public]


def without_person(caller: Caller) -> Caller:
    """Give the device as it is while nobody stands at it."""
    return replace(caller, person=None, holding=ALONE)


def _named(connection: HTTPConnection) -> str:
    return connection.headers.get(HEADER) or connection.query_params.get("device", "")


def _asked(connection: HTTPConnection) -> bool:
    socket = connection.scope["type"] == "websocket"
    return HEADER in connection.headers or (socket and "device" in connection.query_params)

"""Events of the tests' own, with a channel to watch, and tenants that hold nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from retail.kit.ids import new_id
from retail.runtime.db import Database
from retail.runtime.outbox import Event
from retail.runtime.realtime.channels import Channel, Switchboard
from retail.runtime.tenancy import Actor, Scope, TenantFacts
from retail.tenants import operations as tenants


@dataclass(frozen=True)
class BellRung(Event):
    name: ClassVar[str] = "test.bell_rung"
    bell: str
    count: int


@dataclass(frozen=True)
class SilentStep(Event):
    name: ClassVar[str] = "test.silent_step"
    count: int


BOARD = Switchboard([Channel(BellRung, "bell:{bell}", "bell.rung", "hear_bells", facts=lambda e: {"count": e.count})])


@dataclass
class Tenant:
    """A tenant with nothing but its row."""

    db: Database
    facts: TenantFacts
    scope: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.scope = Scope(self.facts.id, Actor("person", new_id(), "Olga Owner"), frozenset({"hear_bells"}), "owner")

    @property
    def id(self) -> UUID:
        return self.facts.id

    async def ring(self, *counts: int, bell: str = "door") -> None:
        async with self.db.begin(self.scope) as tx:
            for count in counts:
                tx.emit(BellRung(bell, count))

    async def waiting(self) -> int:
        async with self.db.read(self.scope) as read:
            return await read.fetchval("SELECT count(*) FROM outbox")

    async def versions(self) -> list[int]:
        async with self.db.read(self.scope) as read:
            return [row["version"] for row in await read.fetch("SELECT version FROM live_message ORDER BY version")]


async def make_tenant(db: Database) -> Tenant:
    id = new_id()
    facts = TenantFacts(id, f"t{id.hex[:12]}{id.hex[-8:]}", "Bells", "DE", "EUR", "en", "Europe/Berlin", True, 1)
    async with db.begin(Scope.system(id)) as tx:
        await tenants.open_tenant(tx, facts)
    made = Tenant(db, facts)
    async with db.begin(made.scope) as tx:
        await tx.execute("DELETE FROM outbox WHERE tenant_id = $1", tx.tenant)
    return made

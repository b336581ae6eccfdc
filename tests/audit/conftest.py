"""Keys and anchors of a test's own, a sealer, and the hand of somebody who has the whole database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from retail.audit.anchors import KEY, Anchors, Outside
from retail.audit.exports import export_chain
from retail.audit.sealing import Sealer
from retail.audit.verification import Verification, verify_chain
from retail.audit.verify import Verifier, verify
from retail.runtime.db import Database
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import Scope
from tests.support.database import Clone
from tests.support.world import Shop


@dataclass(frozen=True)
class Place:
    data_dir: Path


@dataclass(frozen=True)
class Trail:
    """A business's trail, with what stands outside of the database."""

    db: Database
    shop: Shop
    outside: Outside
    sealer: Sealer
    admin: asyncpg.Connection

    @property
    def scope(self) -> Scope:
        return Scope.system(self.shop.tenant.id)

    async def act(self, *names: str) -> None:
        """Leave a record of each name, each in its own transaction."""
        for name in names:
            async with self.db.begin(self.shop.scope) as tx:
                tx.audit("test.done", "test", self.shop.store, name=name, before={"n": 1}, after={"n": 2})

    async def seal(self) -> int:
        return await self.sealer.seal(self.shop.tenant.id)

    async def check(self, *, anchors: bool = True) -> Verification:
        """Verify where it is stored."""
        outside = self.outside if anchors else Outside(self.outside.keyring, Anchors(Path("/nowhere")))
        async with self.db.read(self.scope) as read:
            return await verify_chain(read, outside)

    async def export(self) -> list[str]:
        async with self.db.read(self.scope) as read:
            return [line async for line in export_chain(read)]

    def verify(self, export: list[str], *, anchors: bool = True) -> Verifier:
        """Verify an export as a stranger does."""
        known = self.outside.anchors.of(self.shop.tenant.id) if anchors else []
        return verify(export, self.outside.keyring.public_keys(KEY), known)

    async def tamper(self, statement: str, *args: object) -> None:
        """Change the database with all rights, past every wall."""
        done = await self.admin.execute(statement, self.shop.tenant.id, *args)
        assert int(done.split()[-1]) > 0, "the mutation changed nothing"

    async def found(self) -> dict[str, list[str]]:
        """What each way of verifying finds, with anchors and without."""
        export = await self.export()
        return {
            "stored": (await self.check()).problems,
            "stored, no anchors": (await self.check(anchors=False)).problems,
            "export": self.verify(export).problems,
            "export, no anchors": self.verify(export, anchors=False).problems,
        }

    async def records(self) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, await self.export()) if line["type"] == "record"]


@pytest.fixture
async def trail(db: Database, shop: Shop, clone: Clone, tmp_path: Path) -> AsyncIterator[Trail]:
    """Give a business's trail; what opening the business left is sealed."""
    outside = Outside(Keyring.open(Place(tmp_path), {}), Anchors(tmp_path / "anchors"))
    admin = await asyncpg.connect(clone.admin_url)
    made = Trail(db, shop, outside, Sealer(db, outside), admin)
    await made.seal()
    yield made
    await admin.close()

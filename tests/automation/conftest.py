"""What tests of imports and exports share: a folder for files, a file handed in, jobs worked off."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import retail.live  # noqa: F401 - registers the jobs
from retail.automation.imports import operations
from retail.automation.imports.files import keep, path_of
from retail.automation.imports.handing import look
from retail.automation.imports.queries import RowFacts, RunFacts, rows_of, run_of
from retail.automation.kinds.pictures import PICTURES
from retail.kit.ids import new_id
from retail.live import projections
from retail.runtime.db import Database
from retail.runtime.jobs import REGISTRY
from retail.settings import Settings, settings_of_process, use_settings
from tests.support.web import Site, make_site
from tests.support.working import work_off
from tests.support.world import Shop


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Let jobs write into the test's own folder."""
    projections()
    assert operations.CHECK_JOB in REGISTRY
    made = Settings(environment="test", data_dir=tmp_path)
    use_settings(made)
    yield made
    use_settings(Settings(environment="test"))


@pytest.fixture
async def site(db: Database, settings: Settings) -> AsyncIterator[Site]:
    """Give the application, with the test's own folder."""
    made = make_site(db, data_dir=settings.data_dir)
    yield made
    await made.close()


@dataclass
class Exchange:
    """A shop that files are handed in to."""

    shop: Shop

    async def hand_in(self, content: bytes | str, kind: str = "products", name: str = "file.csv") -> RunFacts:
        """Hand a file in; its columns are guessed."""
        id = new_id()
        path = path_of(settings_of_process(), self.shop.tenant.id, id)
        handed = keep(io.BytesIO(content.encode() if isinstance(content, str) else content), path)
        form, header = look(path, kind)
        new = operations.NewRun(id, kind, form, name, handed, header, with_costs=True)
        return await self.shop.db.run(self.shop.scope, operations.hand_in, new)

    async def hand_in_pictures(self, content: bytes) -> RunFacts:
        """Hand a ZIP of pictures in; its check waits for the worker."""
        run = await self.hand_in(content, PICTURES, "pictures.zip")
        await self.shop.db.run(self.shop.scope, operations.check_pictures, run.id)
        return await self.run(run.id)

    async def check(self, content: bytes | str, kind: str = "products", *, match_by: str = "", **said: Any) -> RunFacts:
        """Hand a file in and have it checked, with its columns as guessed."""
        run = await self.hand_in(content, kind, **said)
        await self.shop.db.run(self.shop.scope, operations.name_columns, run.id, run.columns, match_by or run.match_by)
        return await self.work_off(run.id)

    async def store(self, id: UUID, *, whole: bool = True) -> RunFacts:
        """Have a checked file stored."""
        await self.shop.db.run(self.shop.scope, operations.ask_to_store, id, whole=whole)
        return await self.work_off(id)

    async def take_in(self, content: bytes | str, kind: str = "products", **said: Any) -> RunFacts:
        """Hand in, check and store."""
        run = await self.check(content, kind, **said)
        return await self.store(run.id, whole=not run.refused_count) if run.to_store else run

    async def work_off(self, id: UUID) -> RunFacts:
        """Run the jobs that are due, and say where the import is."""
        await work_off(self.shop.db, self.shop.tenant.id)
        return await self.run(id)

    async def run(self, id: UUID) -> RunFacts:
        """Say where an import is."""
        async with self.shop.db.read(self.shop.scope) as read:
            return await run_of(read, id)

    async def rows(self, id: UUID, state: str) -> list[RowFacts]:
        """Give rows of a state."""
        async with self.shop.db.read(self.shop.scope) as read:
            return (await rows_of(read, id, state, limit=500)).items

    async def fetch(self, sql: str, *args: object) -> list[Any]:
        """Read as the shop sees it; $1 is the tenant."""
        async with self.shop.db.read(self.shop.scope) as read:
            return await read.fetch(sql, read.tenant, *args)


@pytest.fixture
def exchange(shop: Shop) -> Exchange:
    """Give a shop's exchange."""
    return Exchange(shop)

"""An import without pages: for the command line, which waits until a file is in and then says what became of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final
from uuid import UUID

from retail.automation.imports import operations
from retail.automation.imports.files import MOST_ZIP, forget, keep, path_of
from retail.automation.imports.handing import look
from retail.automation.imports.queries import RunFacts, run_of
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Database
from retail.runtime.runner import Runner
from retail.runtime.tenancy import Scope
from retail.settings import Settings, use_settings

_PAUSE: Final = 0.2


async def take_in(db: Database, scope: Scope, settings: Settings, source: Path, kind: str) -> RunFacts:
    """Take a file in: its columns as their headings say, its good rows stored. Raises Invalid where it can't be read.

    The jobs are run here, unless a worker is faster.
    """
    use_settings(settings)
    id = new_id()
    path = path_of(settings, scope.tenant, id)
    try:
        with await asyncio.to_thread(source.open, "rb") as file:
            handed = await asyncio.to_thread(keep, file, path, MOST_ZIP)
    except OSError as missing:
        raise Invalid({"file": [_("The file %(name)s can't be read.") % {"name": source.name}]}) from missing
    try:
        form, header = await asyncio.to_thread(look, path, kind)
        new = operations.NewRun(id, kind, form, source.name, handed, header, with_costs=True)
        run = await _through(db, scope, new)
    finally:
        await asyncio.to_thread(forget, path)
    if run.problem or run.failed:
        raise Invalid({"file": [run.problem or _("The work broke off. Try again.")]})
    return run


async def _through(db: Database, scope: Scope, new: operations.NewRun) -> RunFacts:
    run = await db.run(scope, operations.hand_in, new)
    if run.form == "zip":
        await db.run(scope, operations.check_pictures, run.id)
    else:
        await db.run(scope, operations.name_columns, run.id, run.columns, run.match_by)
    run = await _until_still(db, scope, run.id)
    if run.stage == "checked" and run.to_store:
        await db.run(scope, operations.ask_to_store, run.id, whole=False)
        run = await _until_still(db, scope, run.id)
    return run


async def _until_still(db: Database, scope: Scope, id: UUID) -> RunFacts:
    runner = Runner(db)
    while True:
        async with db.read(scope) as read:
            run = await run_of(read, id)
        if not run.running or run.job_id is None:
            return run
        if not await runner.run(scope.tenant, run.job_id):
            await asyncio.sleep(_PAUSE)

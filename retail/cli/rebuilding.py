"""`countertop rebuild`: every figure of analytics worked out anew from the sales, then compared with them."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from retail.analytics.rollups.checks import checks
from retail.analytics.rollups.rebuilding import rebuild_all
from retail.analytics.rollups.sources import PATIENCE_SECONDS
from retail.cli.businesses import business
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope

FAILED: Final = 1


async def rebuild(db: Database, slug: str | None, console: Console) -> int:
    """Rebuild one business or all, a bar of months for each; 1 where a figure differs afterwards. Raises NotFound."""
    async with db.platform() as unit:
        listed = await unit.fetch("SELECT id, slug, name FROM auth_tenants()")
    if slug:
        wanted = await business(db, slug)
        listed = [row for row in listed if row["id"] == wanted.id]
    wrong = 0
    for row in listed:
        scope = Scope.system(row["id"])
        days = await _with_bar(db, scope, row["name"])
        found = await _differences(db, scope)
        console.print(escape(f"{row['name']} ({row['slug']}): {days}, {len(found)} differences"), highlight=False)
        for difference in found:
            console.print(f"[red]✗[/red] {escape(difference)}", highlight=False, soft_wrap=True)
        wrong += len(found)
    if not listed:
        console.print("There is no business yet, so there is nothing to rebuild.")
    return FAILED if wrong else 0


async def _with_bar(db: Database, scope: Scope, name: str) -> str:
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False,
    )  # fmt: skip
    with bar:
        task = bar.add_task(escape(name), total=None)

        async def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        rebuilt = await rebuild_all(db, scope, told)
    return f"{rebuilt.first} to {rebuilt.last}" if rebuilt.first else "nothing was sold"


async def _differences(db: Database, scope: Scope) -> list[str]:
    async with db.read(scope, seconds=PATIENCE_SECONDS) as read:
        return [f"{check.name}: {check.detail}" for check in await checks(read) if not check.ok]

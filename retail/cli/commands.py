"""The commands that do one thing and end: migrate, seed, check, token, person, alarm, import, export."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retail import demo
from retail.audit.anchors import Outside, use_outside
from retail.audit.checks import checks as audit_checks
from retail.audit.sealing import Sealer
from retail.checks import run_checks
from retail.cli.alarms import alarm
from retail.cli.auditing import audit
from retail.cli.businesses import business
from retail.cli.people import person
from retail.cli.rebuilding import rebuild
from retail.cli.servers import reach_servers, teller
from retail.cli.tokens import token
from retail.cli.transfers import add_transfers, take_in, write_out
from retail.kit.errors import DomainError
from retail.kit.text import _
from retail.runtime.audit_record import PLATFORM
from retail.runtime.checks import Check
from retail.runtime.db import Database
from retail.runtime.schema import latest_is_applied, migrate
from retail.runtime.tenancy import Scope
from retail.settings import Settings

__all__ = ["add_transfers", "run"]

FAILED = 1


class SchemaBehind(DomainError):
    """The database lacks migrations of this version."""

    def sentence(self) -> str:
        """Say what to do."""
        return _("The database is older than this version. Run `countertop migrate` first.")


async def run(asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Run one command on the servers of a running `countertop up`, on the given ones, or on its own; the exit code."""
    async with reach_servers(settings, teller(Console(stderr=True))) as servers:
        if asked.command == "migrate":
            applied = await migrate(servers.migration_url)
            console.print(f"Applied {len(applied)} migrations." if applied else "The database is up to date.")
            return 0
        if asked.command == "seed" or servers.embedded is not None:
            await migrate(servers.migration_url)  # others' servers only by `migrate` and `seed`
        db = await Database.connect(servers.database_url, size=2, settings=demo.PATIENT)
        try:
            async with db.platform() as unit:
                if not await latest_is_applied(unit.conn):
                    raise SchemaBehind
            return await _do(db, asked, settings, console)
        finally:
            await db.close()


async def _do(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    if asked.command == "seed":
        return await _seed(db, console)
    if asked.command in {"check", "rebuild"}:
        return await _recompute(db, asked, settings, console)
    if asked.command == "token":
        return await token(db, asked, settings, console)
    if asked.command == "audit":
        return await audit(db, asked, settings, console)
    if asked.command == "person":
        return await person(db, asked, console)
    return await _hand_over(db, asked, settings, console)


async def _recompute(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Work out anew what is kept: to replace it, or to compare it."""
    if asked.command == "rebuild":
        return await rebuild(db, asked.tenant, console)
    await _seal(db, Outside.of(settings))
    return await _check(db, asked.tenant, console)


async def _hand_over(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Run what takes something in from beside the product, or gives it out."""
    if asked.command == "alarm":
        return await alarm(db, asked, console)
    return await (take_in(db, asked, settings, console) if asked.command == "import" else write_out(db, asked))


async def _seed(db: Database, console: Console) -> int:
    await demo.seed(db, console)
    console.print("The demo business is there. Sign in as:")
    for role, email, password in demo.logins():
        console.print(f"  {role:<9} {email:<28} {password}", highlight=False)
    return 0


async def _seal(db: Database, outside: Outside) -> None:
    """Seal what waits, as a worker does: so the check holds without one."""
    use_outside(outside)
    sealer = Sealer(db, outside)
    while await sealer.round():
        continue


async def _check(db: Database, slug: str | None, console: Console) -> int:
    """Run all checks of one business or of all, each in its own transaction."""
    async with db.platform() as unit:
        listed = await unit.fetch("SELECT id, slug, name FROM auth_tenants()")
    if slug:
        wanted = await business(db, slug)
        listed = [row for row in listed if row["id"] == wanted.id]
    failed: list[tuple[str, Check]] = []
    for row in listed:
        async with db.read(Scope.system(row["id"])) as read:
            checks = await run_checks(read)
        console.print(_table(f"{row['name']} ({row['slug']})", checks))
        failed += [(row["slug"], check) for check in checks if not check.ok]
    if not slug:
        async with db.read(Scope.system(PLATFORM)) as read:
            checks = await audit_checks(read)
        console.print(_table("Outside of any business", checks))
        failed += [("platform", check) for check in checks if not check.ok]
    if not listed:
        console.print("There is no business yet, so there is nothing to check.")
    for at, check in failed:
        console.print(f"[red]✗[/red] {escape(f'{at}: {check.name}: {check.detail}')}", highlight=False, soft_wrap=True)
    if listed and not failed:
        console.print("[green]All checks hold.[/green]")
    return FAILED if failed else 0


def _table(title: str, checks: Sequence[Check]) -> Table:
    table = Table(title=escape(title), title_justify="left")
    table.add_column("")
    table.add_column("Check")
    table.add_column("Result")
    for check in checks:
        table.add_row("[green]✓[/green]" if check.ok else "[red]✗[/red]", escape(check.name), escape(check.detail))
    return table

"""`countertop up`: servers, schema, demo data where wanted, then web and worker processes until a signal."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from dataclasses import dataclass

from rich.console import Console

from retail.cli.notes import notes
from retail.cli.servers import Servers, start_servers, teller
from retail.runtime.db import Database
from retail.runtime.schema import migrate
from retail.settings import FD_VARIABLE, Settings
from retail.supervise import Child, Supervisor


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    demo: bool
    web: int
    workers: int


class PortTaken(RuntimeError):
    """Another program listens where the shop should."""


def up(settings: Settings, wanted: Wanted, console: Console) -> int:
    """Run the shop until Ctrl-C; gives the exit code. Raises EmbeddedError, BadSetting, PortTaken."""
    listener = _listen(settings)
    servers, logins = asyncio.run(_prepare(settings, wanted, console))
    supervisor = Supervisor(_children(settings, wanted, servers, listener), closers=[servers.stop])
    tell = teller(console)
    for line in announcement(settings, logins):
        tell(line)
    code = supervisor.run()
    tell("Stopped. Everything is saved.")
    return code


async def _prepare(settings: Settings, wanted: Wanted, console: Console) -> tuple[Servers, list[tuple[str, str, str]]]:
    from retail import demo  # noqa: PLC0415 - not needed where no demo is wanted

    servers = await start_servers(settings, teller(console))
    try:
        applied = await migrate(servers.migration_url)
        if applied:
            console.print(f"Brought the database up to date: {len(applied)} steps.", highlight=False)
        if not wanted.demo:
            return servers, []
        db = await Database.connect(servers.database_url, settings=demo.PATIENT)
        try:
            await demo.seed(db, console)
        finally:
            await db.close()
    except BaseException:
        servers.stop()
        raise
    return servers, demo.logins()


def _listen(settings: Settings) -> socket.socket:
    """Bind once, before anything is started, so that all web processes share the port and a taken one is told early."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as taken:
        listener.close()
        raise PortTaken(
            f"Can't listen on {settings.host}:{settings.port} ({taken.strerror}). "
            "Stop the other program, or set PORT to a free one."
        ) from taken
    listener.listen(2048)
    return listener


def _children(settings: Settings, wanted: Wanted, servers: Servers, listener: socket.socket) -> list[Child]:
    environment = {
        **os.environ,
        "DATABASE_URL": servers.database_url,
        "REPORT_DATABASE_URL": servers.report_url,
        "REDIS_URL": servers.redis_url,
        "DATA_DIR": str(settings.data_dir),
        "HOST": settings.host,
        "PORT": str(settings.port),
    }
    environment.pop("MIGRATION_DATABASE_URL", None)
    fd = listener.fileno()
    web = [
        Child(
            f"web-{number}",
            [sys.executable, "-m", "retail.serve"],
            {**environment, FD_VARIABLE: str(fd)},
            pass_fds=(fd,),
        )
        for number in range(1, wanted.web + 1)
    ]
    workers = [
        Child(f"worker-{number}", [sys.executable, "-m", "workers"], environment)
        for number in range(1, wanted.workers + 1)
    ]
    return web + workers


def announcement(settings: Settings, logins: list[tuple[str, str, str]]) -> list[str]:
    """Say where the shop is open: at the very address that its links, its ways back and its tokens name."""
    return [
        "",
        f"  Countertop is open at [bold]{settings.base_url}[/bold]",
        *(f"    {role:<9} {email:<28} {password}" for role, email, password in logins),
        *(f"  Note: {note}" for note in notes(settings)),
        "  Ctrl-C closes the shop.\n",
    ]

"""The database and Redis that a command works on: given by URLs, running already, or started just for it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from rich.console import Console

from retail.runtime.embedded import (
    APP,
    DATABASE,
    MIGRATOR,
    REPORT,
    AlreadyRunning,
    Embedded,
    EmbeddedPostgres,
    EmbeddedRedis,
    open_data_dir,
    provision,
    start_embedded,
)
from retail.runtime.embedded.places import find_places
from retail.runtime.given import NoSuchDatabase, look_at
from retail.settings import BadSetting, Settings

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the servers are, by role. `embedded` is set where this process runs them; an empty Redis URL: none."""

    database_url: str
    migration_url: str
    redis_url: str
    embedded: Embedded | None = None
    report_url: str = ""

    def stop(self) -> None:
        """Stop what this process runs; servers of others are left alone."""
        if self.embedded is not None:
            self.embedded.stop()


def teller(console: Console) -> Progress:
    """Give what prints sentences; one that can't be written (a full disk, a closed terminal) never stops a shop."""

    def tell(sentence: str) -> None:
        with contextlib.suppress(OSError):
            console.print(sentence, highlight=False, soft_wrap=True)

    return tell


async def start_servers(settings: Settings, progress: Progress) -> Servers:
    """Have the servers for `countertop up`: this process runs the embedded ones. Raises EmbeddedError, BadSetting."""
    if settings.database_url:
        return await _given(settings, progress)
    embedded = await start_embedded(settings.data_dir, progress=progress, redis=not settings.redis_url)
    redis_url = settings.redis_url or embedded.redis_url
    return Servers(embedded.database_url, embedded.migration_url, redis_url, embedded, embedded.report_url)


@asynccontextmanager
async def reach_servers(settings: Settings, progress: Progress) -> AsyncIterator[Servers]:
    """Reach the servers for a single command: those of a running `countertop up`, else started and stopped again."""
    try:
        servers = await start_servers(settings, progress)
    except AlreadyRunning:
        yield _running(settings, progress)
        return
    try:
        yield servers
    finally:
        servers.stop()


def _running(settings: Settings, progress: Progress) -> Servers:
    """Address the embedded servers that another process runs on this data directory."""
    postgres = EmbeddedPostgres(settings.data_dir, progress=progress)
    redis = EmbeddedRedis(postgres.places, progress=progress)
    return Servers(
        postgres.url(APP, DATABASE, postgres.places.secret("app")),
        postgres.url(MIGRATOR, DATABASE, postgres.places.secret("migrator")),
        settings.redis_url or redis.url,
        report_url=postgres.url(REPORT, DATABASE, postgres.places.secret("report")),
    )


async def _given(settings: Settings, progress: Progress) -> Servers:
    """Work on the server of DATABASE_URL.

    A role that may make roles sets the database up and never serves a request; any other one is taken for the
    application's own, and MIGRATION_DATABASE_URL must name the migrator's.
    """
    url = settings.database_url
    database = urlsplit(url).path.lstrip("/") or DATABASE
    try:
        setter_up = await look_at("DATABASE_URL", url)
    except NoSuchDatabase as missing:  # whoever sets up makes it; that role comes in by the database every server has
        url = urlunsplit(urlsplit(url)._replace(path="/postgres"))
        setter_up = await look_at("DATABASE_URL", url)
        if not setter_up:
            raise missing from None
    if not setter_up:
        if not settings.migration_database_url:
            raise BadSetting(
                "The role of DATABASE_URL may not make roles, so it is taken for the application's own. "
                "Set MIGRATION_DATABASE_URL to the migrator's address too."
            )
        await look_at("MIGRATION_DATABASE_URL", settings.migration_database_url)
        return Servers(
            settings.database_url,
            settings.migration_database_url,
            settings.redis_url,
            report_url=settings.report_database_url,
        )
    progress("Setting up roles and database on the given server.")
    places = find_places(open_data_dir(settings.data_dir), progress)
    await provision(
        url,
        database,
        places.secret("app"),
        places.secret("migrator"),
        report_password=places.secret("report"),
        backup_password=places.secret("backup"),
    )
    return Servers(
        _as_role(url, APP, places.secret("app"), database),
        _as_role(url, MIGRATOR, places.secret("migrator"), database),
        settings.redis_url,
        report_url=_as_role(url, REPORT, places.secret("report"), database),
    )


def _as_role(url: str, role: str, password: str, database: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(role, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}", path=f"/{database}"))

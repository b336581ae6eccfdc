"""Whether the process lives, whether it can work, and its counters."""

from __future__ import annotations

import asyncio
import hmac
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from retail.kit.errors import Busy, NotFound
from retail.kit.text import _, ngettext
from retail.runtime import room
from retail.runtime.schema import latest_is_applied
from retail.runtime.telemetry import DISK_FREE
from retail.runtime.web.context import Process, edge
from retail.runtime.web.responses import json_answer

PATIENCE: Final = 1.0
SEALED_WITHIN: Final = timedelta(seconds=15)
"""The sealer takes half a second; what waits this long is not sealed at all, or no worker runs."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "testclient"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the process stands on."""

    name: str
    ok: bool
    required: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the process can work, and why not."""

    ready: bool
    checks: list[Check]


async def report(process: Process) -> Health:
    """Ask the database, its schema, the audit trails and Redis, each for a second at most, and look at the disk."""
    database = await _database(process)
    trails = [await _trails(process)] if all(check.ok for check in database) else []
    checks = [*database, *trails, await _redis(process), _disk(process)]
    return Health(all(check.ok for check in checks if check.required), checks)


async def healthz(_request: Request) -> Response:
    """Answer that the process lives; tills use it as their heartbeat."""
    return json_answer({"ok": True})


async def readyz(request: Request) -> Response:
    """Answer 200 where requests can be served, else 503 with what is missing."""
    health = await report(edge(request).process)
    return json_answer(health, 200 if health.ready else 503)


async def metrics(request: Request) -> Response:
    """Give the counters to Prometheus: with METRICS_TOKEN set to whoever brings it, else to the loopback alone.

    With several web processes set PROMETHEUS_MULTIPROC_DIR, so that each answers for all of them.
    """
    settings = edge(request).process.settings
    token = settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not (hmac.compare_digest(given.encode(), token.encode()) if token else _is_local(request)):
        raise NotFound
    DISK_FREE.set(room.free_bytes(settings.data_dir))
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _is_local(request: Request) -> bool:
    """Claim that somebody on this machine asks; a proxy on this machine asks for somebody else, and says so."""
    client = request.client.host if request.client else ""
    return client in _LOOPBACK and not {"forwarded", "x-forwarded-for", "x-real-ip", "via"} & set(request.headers)


async def _database(process: Process) -> list[Check]:
    up, migrated = False, False
    if process.database is not None:
        try:
            async with asyncio.timeout(PATIENCE), process.database.platform() as unit:
                up = await unit.fetchval("SELECT 1") == 1
                migrated = await latest_is_applied(unit.conn)
        except (Busy, TimeoutError):
            up = False
    return [
        Check("database", up, required=True, detail=_("up") if up else _("down")),
        Check("migrations", migrated, required=True, detail=_("applied") if migrated else _("missing")),
    ]


async def _trails(process: Process) -> Check:
    """Tell whether audit records wait that should be sealed by now; selling goes on, so it is not required."""
    stopped: list[datetime] = []
    if process.database is not None:
        try:
            async with asyncio.timeout(PATIENCE), process.database.platform() as unit:
                rows = await unit.fetch("SELECT since FROM audit_chains_stopped($1)", unit.now - SEALED_WITHIN)
                stopped = [row["since"] for row in rows]
        except (Busy, TimeoutError):
            return Check("audit trails", ok=False, required=False, detail=_("not known"))
    if not stopped:
        return Check("audit trails", ok=True, required=False, detail=_("sealed"))
    told = ngettext(
        "%(num)d is not sealed since %(at)s UTC", "%(num)d are not sealed, the first since %(at)s UTC", len(stopped)
    )
    detail = told % {"num": len(stopped), "at": f"{min(stopped):%-d %B %Y, %H:%M}"}
    return Check("audit trails", ok=False, required=False, detail=detail)


async def _redis(process: Process) -> Check:
    """Redis is a doorbell and a cache: without it everything works, a little later."""
    if process.redis is None:
        return Check("redis", ok=False, required=False, detail=_("not set up"))
    try:
        async with asyncio.timeout(PATIENCE):
            await process.redis.ping()
    except (RedisError, OSError, TimeoutError):
        return Check("redis", ok=False, required=False, detail=_("down"))
    return Check("redis", ok=True, required=False, detail=_("up"))


def _disk(process: Process) -> Check:
    """Tell the room on the disk of DATA_DIR; not required, because a full one can still be read from."""
    free = room.free_bytes(process.settings.data_dir)
    return Check("disk", free >= room.TIGHT_BYTES, required=False, detail=room.in_megabytes(free))

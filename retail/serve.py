"""One web process: `python -m retail.serve`, started (several times, if wanted) by the supervisor."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys

import uvicorn

from retail.app import create_app
from retail.audit.anchors import Outside, use_outside
from retail.kit.errors import Busy
from retail.runtime import telemetry
from retail.runtime.db import Database
from retail.runtime.garbage import spare_what_stays
from retail.runtime.given import NotUsable, turned_away
from retail.runtime.outages import UNREACHABLE
from retail.runtime.safe_role import UnsafeRole
from retail.runtime.web.protocol import GuardedProtocol
from retail.settings import FD_VARIABLE, BadSetting, Settings

MOST_MESSAGE_BYTES = 65_536
GRACE_SECONDS = 8
REFUSED = 2
log = logging.getLogger("countertop.web")


def config(settings: Settings) -> uvicorn.Config:
    """Give the server's options.

    Forwarded headers are not believed: who sits behind a proxy names its address in PUBLIC_ORIGINS.
    """
    return uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=GuardedProtocol,
        ws="websockets-sansio",
        ws_max_size=MOST_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def prove(settings: Settings) -> None:
    """Sign in at the database once, so that what is wrong there is told in a sentence. Raises NotUsable, UnsafeRole."""
    try:
        database = await Database.connect(settings.database_url, size=1)
    except (Busy, *UNREACHABLE) as cause:
        raise turned_away("DATABASE_URL", settings.database_url, cause) from cause
    await database.close()


def main() -> None:
    """Serve until SIGTERM or SIGINT; open requests may finish, sockets are told to come back."""
    try:
        settings = Settings.from_env()
    except BadSetting as refusal:
        telemetry.configure()
        log.error("%s", refusal)  # noqa: TRY400 - the sentence says it all
        sys.exit(REFUSED)
    telemetry.configure(settings.log_level)
    use_outside(Outside.of(settings))
    try:
        asyncio.run(prove(settings))
    except (NotUsable, UnsafeRole) as refusal:
        log.error("%s", refusal)  # noqa: TRY400 - the sentence says it all
        sys.exit(REFUSED)
    fd = os.environ.get(FD_VARIABLE, "")
    # uvicorn's own `fd` takes every socket for a Unix one: each answer would then wait 40 ms for the browser's delayed
    # acknowledgement (no TCP_NODELAY), and nobody's address would be known
    shared = [socket.socket(fileno=int(fd))] if fd else None
    server = uvicorn.Server(config(settings))
    spare_what_stays()
    server.run(shared)


if __name__ == "__main__":
    main()

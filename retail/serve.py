"""One web process: `python -m retail.serve`, started (several times, if wanted) by the supervisor."""

from __future__ import annotations

import os

import uvicorn

from retail.app import create_app
from retail.runtime import telemetry
from retail.settings import Settings

FD_VARIABLE = "COUNTERTOP_LISTEN_FD"
MOST_MESSAGE_BYTES = 65_536
GRACE_SECONDS = 8


def config(settings: Settings, fd: int | None = None) -> uvicorn.Config:
    """Give the server's options; `fd` is an open listening socket that several processes share.

    Forwarded headers are not believed: who sits behind a proxy names its address in PUBLIC_ORIGINS.
    """
    return uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        fd=fd,
        loop="uvloop",
        http="httptools",
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


def main() -> None:
    """Serve until SIGTERM or SIGINT; open requests may finish, sockets are told to come back."""
    settings = Settings.from_env()
    telemetry.configure(settings.log_level)
    fd = os.environ.get(FD_VARIABLE, "")
    uvicorn.Server(config(settings, int(fd) if fd else None)).run()


if __name__ == "__main__":
    main()

"""Postgres 18 and Redis out of wheels, under our own supervision: `start_embedded` and what it returns.

Promises: an acknowledged commit survives every kind of end; a start works after every kind of end; one start per data
directory; nothing listens on the network; nothing runs as root; the application's role cannot pass the tenant wall.
"""

from __future__ import annotations

from retail.runtime.embedded.errors import AlreadyRunning, CannotProvision, CannotStart, EmbeddedError
from retail.runtime.embedded.places import open_data_dir
from retail.runtime.embedded.postgres import EmbeddedPostgres
from retail.runtime.embedded.redis import EmbeddedRedis
from retail.runtime.embedded.roles import APP, AUTH, BACKUP, MIGRATOR, OWNER, REPORT, provision
from retail.runtime.embedded.together import DATABASE, Embedded, start_embedded

__all__ = [
    "APP",
    "AUTH",
    "BACKUP",
    "DATABASE",
    "MIGRATOR",
    "OWNER",
    "REPORT",
    "AlreadyRunning",
    "CannotProvision",
    "CannotStart",
    "Embedded",
    "EmbeddedError",
    "EmbeddedPostgres",
    "EmbeddedRedis",
    "open_data_dir",
    "provision",
    "start_embedded",
]

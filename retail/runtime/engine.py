"""Piccolo's engine, tamed: its queries run on the open unit of work's connection, or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from piccolo.engine.postgres import PostgresEngine

from retail.runtime.line import Line

# Where Piccolo looks for the engine when a table class is used for the first time.
os.environ.setdefault("PICCOLO_CONF", "retail.piccolo_conf")


class OutsideUnitOfWork(RuntimeError):
    """A Piccolo query ran outside begin() or read(), where no tenant is set."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What Piccolo takes for the current transaction: just our connection."""

    connection: Line


class TenantEngine(PostgresEngine):
    """Piccolo's engine, fit only for use inside a unit of work (or a migration, which sets `migrating`)."""

    migrating = False

    async def check_version(self) -> None:
        """Skip the connection that Piccolo would open when the engine is made."""

    async def run_querystring(self, querystring: Any, in_pool: bool = True) -> Any:  # noqa: FBT001, FBT002, ANN401
        """Run a query on the unit of work's connection; raise OutsideUnitOfWork where there is none."""
        if not self.migrating and self.current_transaction.get() is None:
            raise OutsideUnitOfWork(str(querystring))
        return await super().run_querystring(querystring, in_pool)


ENGINE = TenantEngine(config={})

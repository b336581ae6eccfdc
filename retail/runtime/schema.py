"""Bringing a database to the schema that this version of the product works with."""

from __future__ import annotations

import contextlib
import io

import asyncpg

from retail.kit.text import _
from retail.runtime.db import ENGINE
from retail.runtime.given import TURNED_AWAY, NotUsable, turned_away
from retail.runtime.line import Line

_SETTING = "MIGRATION_DATABASE_URL"
# Any two processes that migrate the same database meet at this lock.
_LOCK = 0x436F756E74657274
# Figures of tenant_id list the businesses there were when they were taken: whoever came since has no rows to the
# planner until the next time, which for a large table is days away. One assumption for all of them instead, which
# ANALYZE leaves alone: each has the twentieth part of a table. See docs/decisions/0032.
_EVEN = """
DO $$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT c.relname FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
              WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
  LOOP
    IF (SELECT a.attstattarget IS DISTINCT FROM 0 FROM pg_attribute a
         WHERE a.attrelid = format('public.%I', one)::regclass AND a.attname = 'tenant_id') THEN
      EXECUTE format('ALTER TABLE public.%I ALTER COLUMN tenant_id SET STATISTICS 0', one);
      PERFORM pg_clear_attribute_stats('public', one, 'tenant_id', false);
    END IF;
    PERFORM pg_restore_attribute_stats('schemaname', 'public', 'relname', one, 'attname', 'tenant_id',
      'inherited', false, 'null_frac', 0::real, 'avg_width', 16, 'n_distinct', 20::real);
  END LOOP;
END $$;
"""
# A year ahead: an installation that isn't started for longer puts what comes then into the partition of what is later.
_MONTHS = "SELECT keep_months((now() + INTERVAL '1 year')::date)"


class MigrationFailed(RuntimeError):
    """A migration raised; nothing of it was kept. The message holds what Piccolo said."""


async def migrate(url: str) -> list[str]:
    """Apply the migrations that the database lacks, each in a transaction of its own; give their ids.

    `url` is the migrator's: it connects and takes the role countertop_owner. A second process waits. A table that is
    in use makes a migration give up after 5 s (lock_timeout) instead of holding up the shop.
    Raises MigrationFailed, NotUsable.
    """
    try:
        guard = await asyncpg.connect(url)
    except TURNED_AWAY as cause:
        raise turned_away(_SETTING, url, cause) from cause
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            await guard.execute("SET ROLE countertop_owner")
        except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError) as cause:
            raise NotUsable(
                _(
                    "{setting}: its role can't become countertop_owner ({reason}); name countertop_migrator, "
                    "or let a role that may create roles set the database up once."
                ).format(setting=_SETTING, reason=cause)
            ) from cause
        before = await _applied(guard)
        await _forwards(url)
        await guard.execute(_MONTHS)
        await guard.execute(_EVEN)
        return sorted(await _applied(guard) - before)
    finally:
        await guard.close()


async def latest_is_applied(conn: asyncpg.Connection | Line) -> bool:
    """Claim that the database has every migration of this version."""
    from migrations import HISTORY  # noqa: PLC0415 - the history is only looked at on demand

    return set(HISTORY) <= await _applied(conn)


async def _applied(conn: asyncpg.Connection | Line) -> set[str]:
    if await conn.fetchval("SELECT to_regclass('public.migration')") is None:
        return set()
    return {row["name"] for row in await conn.fetch("SELECT name FROM migration")}


async def _forwards(url: str) -> None:
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager  # noqa: PLC0415 - 0.3 s to import

    ENGINE.config = {"dsn": url, "server_settings": {"role": "countertop_owner", "lock_timeout": "5000"}}
    said = io.StringIO()
    ENGINE.migrating = True
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            outcome = await ForwardsMigrationManager(app_name="retail").run()
    finally:
        ENGINE.migrating = False
        ENGINE.config = {}
    if not outcome.success:
        raise MigrationFailed(said.getvalue())

"""A Postgres that somebody else runs: whether it can be used, and one clear sentence where it can't."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import asyncpg

from retail.kit.text import _

OLDEST_SERVER: Final = 180000
PATIENCE_SECONDS: Final = 10
TURNED_AWAY: Final = (
    ValueError,  # of asyncpg: the address can't be read
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)
"""Errors of signing in that don't go away by waiting."""


class NotUsable(RuntimeError):
    """The server of a setting can't be used; the message names the setting and says what would help."""


class NoSuchDatabase(NotUsable):
    """The server answers and has no database of that name."""


async def look_at(setting: str, url: str) -> bool:
    """Sign in once at the server of a setting; claims that the role may make roles. Raises NotUsable."""
    try:
        conn = await asyncpg.connect(url, timeout=PATIENCE_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, *TURNED_AWAY) as cause:
        raise turned_away(setting, url, cause) from cause
    try:
        row = await conn.fetchrow(
            """SELECT current_setting('server_version_num')::int AS number, rolsuper OR rolcreaterole AS makes_roles,
                      current_setting('server_version') AS version FROM pg_roles WHERE rolname = current_user"""
        )
    finally:
        await conn.close()
    if row is None:
        raise NotUsable(_("{setting}: the role has just been removed; make it again.").format(setting=setting))
    if row["number"] < OLDEST_SERVER:
        raise NotUsable(
            _("{setting}: Countertop needs Postgres 18 or newer, and {server} is {version}.").format(
                setting=setting, server=_server(url), version=row["version"]
            )
        )
    return bool(row["makes_roles"])


def turned_away(setting: str, url: str, cause: BaseException) -> NotUsable:
    """Give the sentence for an error of signing in."""
    if not url:
        return NotUsable(
            _("{setting} is not set; `countertop up` brings its own server, everything else needs the address.").format(
                setting=setting
            )
        )
    facts = {"setting": setting, "server": _server(url), "reason": _reason(cause)}
    if isinstance(cause, ValueError):
        return NotUsable(
            _("{setting} can't be read ({reason}); write postgresql://user:password@host/database.").format(**facts)
        )
    if isinstance(cause, asyncpg.InvalidCatalogNameError):
        return NoSuchDatabase(
            _("{setting}: {server} has no such database ({reason}); make it, or correct the name.").format(**facts)
        )
    if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError):
        return NotUsable(
            _("{setting}: {server} does not let this role in ({reason}); correct user and password.").format(**facts)
        )
    return NotUsable(
        _("{setting}: {server} can't be reached ({reason}); start it, or correct the address.").format(**facts)
    )


def _server(url: str) -> str:
    """Name the server without user and password."""
    return urlsplit(url).netloc.rpartition("@")[2] or _("the server")


def _reason(cause: BaseException) -> str:
    """Give the first line of what the server or the system said."""
    return (str(cause).strip() or type(cause).__name__).splitlines()[0].rstrip(".")

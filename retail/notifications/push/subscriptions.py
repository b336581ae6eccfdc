"""Browsers that ring for somebody: let in, let go, and gone with the session that brought them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.notifications.operations import whose
from retail.runtime.db import Read, Tx

HOSTS: Final = re.compile(
    r"(fcm\.googleapis\.com|([a-z0-9-]+\.)+push\.services\.mozilla\.com|([a-z0-9-]+\.)*push\.apple\.com"
    r"|([a-z0-9-]+\.)+notify\.windows\.com)"
)
"""The push services that browsers bring: an address elsewhere would have us call whatever somebody typed."""
MOST: Final = 10
_KEPT: Final = "SELECT id, endpoint, p256dh, auth, key_version FROM push_subscription WHERE tenant_id = $1"
_PUT: Final = """
INSERT INTO push_subscription (tenant_id, id, person_id, session_id, endpoint, p256dh, auth, key_version, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (tenant_id, endpoint) DO UPDATE
   SET person_id = excluded.person_id, session_id = excluded.session_id, p256dh = excluded.p256dh,
       auth = excluded.auth, key_version = excluded.key_version, created_at = excluded.created_at"""
_SURPLUS: Final = """
DELETE FROM push_subscription WHERE tenant_id = $1 AND person_id = $2 AND id NOT IN (
  SELECT id FROM push_subscription WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at DESC, id LIMIT $3)"""


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser gave us to ring it with."""

    endpoint: str
    p256dh: str
    auth: str
    key_version: int

    def check(self, exceptions: Iterable[str] = ()) -> None:
        """Refuse an address that is no push service's, and keys that are none. Raises Invalid."""
        told = urlsplit(self.endpoint)
        usual = told.scheme == "https" and HOSTS.fullmatch(told.netloc) is not None
        fits = (usual or told.netloc in set(exceptions)) and len(self.endpoint) <= 1000 and self.endpoint.isascii()
        if not fits or _length(self.p256dh) != 65 or _length(self.auth) != 16:
            raise Invalid({"endpoint": [_("This browser's push service is not known here. Use a current browser.")]})


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser that we may ring."""

    id: UUID
    browser: Browser


async def subscribe(tx: Tx, browser: Browser) -> None:
    """Have this browser ring for who acts, and for nobody else here; a person's eleventh lets the oldest go."""
    person = whose(tx)
    await tx.execute(
        _PUT, tx.tenant, new_id(), person, tx.scope.session, browser.endpoint, browser.p256dh, browser.auth,
        browser.key_version, tx.now,
    )  # fmt: skip
    await tx.execute(_SURPLUS, tx.tenant, person, MOST)
    tx.audit("push.subscribed", "person", person)


async def unsubscribe(tx: Tx, endpoint: str) -> None:
    """Have a browser ring no more; one that didn't stays silent."""
    person = whose(tx)
    await tx.execute(
        "DELETE FROM push_subscription WHERE tenant_id = $1 AND person_id = $2 AND endpoint = $3",
        tx.tenant, person, endpoint,
    )  # fmt: skip
    tx.audit("push.unsubscribed", "person", person)


async def count_of(read: Read, person: UUID) -> int:
    """Count the browsers that ring for somebody."""
    return int(
        await read.fetchval(
            "SELECT count(*) FROM push_subscription WHERE tenant_id = $1 AND person_id = $2", read.tenant, person
        )
    )


async def ringing(tx: Tx, person: UUID) -> list[Subscription]:
    """Give the browsers that ring for somebody, once those are gone whose session was ended."""
    sessions = await tx.fetch(
        """SELECT DISTINCT session_id FROM push_subscription
            WHERE tenant_id = $1 AND person_id = $2 AND session_id IS NOT NULL""",
        tx.tenant, person,
    )  # fmt: skip
    asked = [row["session_id"] for row in sessions]
    ended = [row["session_id"] for row in await tx.fetch("SELECT session_id FROM auth_ended_sessions($1)", asked)]
    await tx.execute("DELETE FROM push_subscription WHERE tenant_id = $1 AND session_id = ANY($2)", tx.tenant, ended)
    rows = await tx.fetch(_KEPT + " AND person_id = $2 ORDER BY id", tx.tenant, person)
    return [
        Subscription(row["id"], Browser(row["endpoint"], row["p256dh"], row["auth"], row["key_version"]))
        for row in rows
    ]


async def forget(tx: Tx, gone: Sequence[UUID]) -> None:
    """Let go what the push service says is no more (404, 410)."""
    await tx.execute("DELETE FROM push_subscription WHERE tenant_id = $1 AND id = ANY($2)", tx.tenant, list(gone))


def _length(text: str) -> int:
    """Count the bytes of base64url, with or without its padding; -1 where it is none."""
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return -1

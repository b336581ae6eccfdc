"""The history of sign-ins: when, with what, from where, and whether the browser was known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from starlette.requests import HTTPConnection

from retail.identity.rules import BROWSER_KNOWN, HISTORY_KEPT
from retail.identity.sessions import client_ip, user_agent
from retail.kit.ids import new_id
from retail.runtime.db import Unit

Outcome = Literal["accepted", "refused", "code_refused"]


@dataclass(frozen=True, slots=True)
class SignIn:
    """One try, as its person sees it."""

    id: UUID
    at: datetime
    outcome: str
    factors: frozenset[str]
    new_browser: bool
    ip: str
    user_agent: str


async def note_sign_in(
    unit: Unit,
    person: UUID | None,
    connection: HTTPConnection,
    outcome: Outcome,
    factors: Iterable[str] = (),
    *,
    new_browser: bool = False,
) -> None:
    """Write a try down; one for an address that nobody has is written too, so that it takes as long."""
    await unit.execute(
        "SELECT auth_note_sign_in($1, $2, $3, $4, $5, $6, $7, $8)",
        new_id(),
        person,
        unit.now,
        outcome,
        sorted(factors),
        new_browser,
        client_ip(connection),
        user_agent(connection),
    )


async def sign_ins(unit: Unit, person: UUID, *, before: UUID | None = None, limit: int = 20) -> list[SignIn]:
    """List a person's tries, newest first."""
    rows = await unit.fetch("SELECT * FROM auth_sign_ins($1, $2, $3)", person, before, limit)
    return [SignIn(**{**row, "factors": frozenset(row["factors"])}) for row in rows]


async def knows_browser(unit: Unit, person: UUID, browser: bytes | None) -> bool:
    """Claim that a person has signed in with this browser before."""
    if browser is None:
        return False
    return bool(await unit.fetchval("SELECT auth_knows_browser($1, $2, $3)", person, browser, unit.now - BROWSER_KNOWN))


async def know_browser(unit: Unit, person: UUID, browser: bytes) -> bool:
    """Know a browser from now on; claims that it is new to somebody who has signed in before, elsewhere."""
    known = await knows_browser(unit, person, browser)
    signed_in = await unit.fetchval("SELECT auth_has_signed_in($1)", person)
    await unit.execute("SELECT auth_know_browser($1, $2, $3)", person, browser, unit.now)
    return bool(signed_in) and not known


async def forget_browsers(unit: Unit, person: UUID, but: bytes | None = None) -> None:
    """Know a person's browsers no longer, but the one in use."""
    await unit.execute("SELECT auth_forget_browsers($1, $2)", person, but)


async def prune_sign_ins(unit: Unit) -> int:
    """Forget tries, browsers and sessions that nobody needs any more; give the number of tries."""
    return int(await unit.fetchval("SELECT auth_prune_sign_ins($1)", unit.now - HISTORY_KEPT))

"""Forgotten passwords: a link by mail, used once within 30 minutes. It proves the mailbox and nothing else.

A reset ends every session and token of the person and asks for the second factor at the next sign-in as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.identity.entry_errors import ResetSpent
from retail.identity.rules import digest, new_secret
from retail.identity.sessions import Ended, end_others
from retail.identity.sign_ins import forget_browsers
from retail.runtime.db import Unit
from retail.runtime.mail import BadAddress, compose, queue

LIVES: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose password a link may set."""

    person_id: UUID
    name: str
    email: str


async def ask_for_reset(unit: Unit, email: str, base_url: str) -> None:
    """Send a link if somebody has the address; for one that nobody has the same work is done, but for the sending."""
    secret = new_secret()
    row = await unit.fetchrow(
        "SELECT * FROM auth_begin_reset($1, $2, $3, $4)", digest(secret), email, unit.now, unit.now + LIVES
    )
    try:
        letter = compose(
            "password_reset",
            row["email"] if row else email,
            link=f"{base_url}/password/reset?token={secret}",
            essential=True,
            minutes=LIVES.seconds // 60,
        )
    except BadAddress:
        return
    if row is not None:
        await queue(unit, letter)


async def reset_of(unit: Unit, secret: str) -> Whose:
    """Give whose password a link may set; using it is another matter. Raises ResetSpent."""
    row = await unit.fetchrow("SELECT * FROM auth_reset($1, $2)", digest(secret), unit.now)
    if row is None:
        raise ResetSpent
    return Whose(**row)


async def set_password(unit: Unit, secret: str, password_hash: str) -> Ended:
    """Use a link up: set the password, end every session and token, know no browser any more. Raises ResetSpent.

    The other links that the person has asked for are void from here on.
    """
    person = await unit.fetchval("SELECT auth_use_reset($1, $2)", digest(secret), unit.now)
    if person is None:
        raise ResetSpent
    await unit.execute("SELECT auth_set_password($1, $2, $3)", person, password_hash, unit.now)
    await forget_browsers(unit, person)
    return await end_others(unit, person, None, "password-reset")

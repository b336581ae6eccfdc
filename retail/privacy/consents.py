"""What people agreed to and took back: each word of theirs is a row, the latest one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.db import Read, Tx

PURPOSES: Final = ("newsletter", "offers_by_phone", "photos", "survey")


@dataclass(frozen=True, slots=True)
class Consent:
    """One word of somebody: given or taken back, when, and where it was said."""

    purpose: str
    given: bool
    at: datetime
    source: str


def purpose_words() -> dict[str, str]:
    """Name what people can agree to."""
    return {
        "newsletter": _("Newsletter by e-mail"),
        "offers_by_phone": _("Offers by phone or message"),
        "photos": _("Photos that show them"),
        "survey": _("Questions about their visit"),
    }


async def note_consent(tx: Tx, kind: str, subject: str, purpose: str, source: str, *, given: bool) -> None:
    """Write down that somebody agreed, or took it back. `kind` is person or customer. Raises Invalid."""
    if purpose not in PURPOSES:
        raise Invalid({"purpose": [_("Pick one of the choices.")]})
    if not source:
        raise Invalid({"source": [_("Say where it was said: a form, a letter, at the counter.")]})
    by = tx.actor.id if tx.actor.kind == "person" else None
    await tx.execute(
        """INSERT INTO consent (tenant_id, id, subject_kind, subject, purpose, given, at, source, noted_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        tx.tenant,
        new_id(),
        kind,
        subject,
        purpose,
        given,
        tx.now,
        source,
        by,
    )
    tx.audit("consent.given" if given else "consent.withdrawn", kind, None, purpose=purpose)


async def consents(read: Read, kind: str, subject: str) -> list[Consent]:
    """List all that somebody said, the latest first."""
    rows = await read.fetch(
        """SELECT purpose, given, at, source FROM consent
            WHERE tenant_id = $1 AND subject_kind = $2 AND subject = $3 ORDER BY at DESC, id DESC LIMIT 200""",
        read.tenant,
        kind,
        subject,
    )
    return [Consent(**row) for row in rows]


async def agrees(read: Read, kind: str, subject: str, purpose: str) -> bool:
    """Claim that somebody's latest word on a purpose is yes; without a word it is no."""
    return bool(
        await read.fetchval(
            """SELECT given FROM consent WHERE tenant_id = $1 AND subject_kind = $2 AND subject = $3 AND purpose = $4
                ORDER BY at DESC, id DESC LIMIT 1""",
            read.tenant,
            kind,
            subject,
            purpose,
        )
    )

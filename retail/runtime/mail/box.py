"""The letter box: mails as rows of the platform, put in by any transaction, read by operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from retail.kit.errors import Invalid, TooMany
from retail.kit.ids import new_id
from retail.kit.paging import Page, decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.db import Unit
from retail.runtime.mail.mail import SECRET_MARK, Mail

MOST_A_DAY: Final = 2_000
"""How many mails one tenant may send in 24 hours, security notices apart."""


class MailLimitReached(TooMany):
    """The tenant has sent as many mails as it may in a day."""

    code = "mail_limit"

    def __init__(self) -> None:
        super().__init__(3600)

    def sentence(self) -> str:
        """Say when to go on."""
        return _("Your business has sent its most e-mails for a day. Try again tomorrow, or ask support for more.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the operator's list shows it."""

    id: UUID
    tenant_id: UUID | None
    tenant_name: str | None
    kind: str
    recipient: str
    sender: str
    subject: str
    created_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    failed_at: datetime | None
    error: str | None
    channel: str
    priority: int
    suppressed: bool

    @property
    def state(self) -> str:
        """Give sent, suppressed (never sent), failed (given up) or waiting."""
        if self.suppressed:
            return "suppressed"
        return "sent" if self.sent_at else "failed" if self.failed_at else "waiting"


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """A mail with its words; `secret` is gone once it was sent or given up."""

    letter: Letter
    text: str
    html: str | None
    secret: str | None

    def readable(self, *, with_secret: bool) -> str:
        """Give the text, its secret shown only where asked for."""
        return self.text.replace(SECRET_MARK, self.secret) if with_secret and self.secret else self.text


async def queue(unit: Unit, mail: Mail) -> UUID:
    """Store a mail; it is sent once this transaction commits, by a worker, again and again until given up.

    Raises MailLimitReached where the tenant has had its day's worth.
    """
    id = new_id()
    stored = await unit.fetchval(
        "SELECT auth_queue_mail($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        id,
        mail.tenant,
        mail.kind,
        mail.to,
        mail.sender,
        mail.subject,
        _without(mail.secret, mail.text),
        _without(mail.secret, mail.html) if mail.html is not None else None,
        mail.secret or None,
        unit.now,
        unit.now - timedelta(days=1),
        None if mail.essential else MOST_A_DAY,
        mail.channel,
        mail.priority,
        mail.due or unit.now,
    )
    if stored is None:
        raise MailLimitReached
    return id


async def letters(unit: Unit, *, q: str = "", after: str | None = None, limit: int = 50) -> Page[Letter]:
    """Give one page of all mails, newest first; `q` is looked for in the recipient and the subject.

    Raises Invalid for a cursor that is none.
    """
    before = _id_in(after) if after else None
    rows = await unit.fetch("SELECT * FROM auth_mails($1, $2, $3)", before, limit + 1, _like(q) if q else None)
    shown = [Letter(**row) for row in rows[:limit]]
    return Page(shown, encode_cursor(str(shown[-1].id)) if len(rows) > limit else None)


async def letter(unit: Unit, wanted: UUID) -> OpenLetter | None:
    """Give one mail with its words, None where there is none."""
    row = await unit.fetchrow("SELECT * FROM auth_mail($1)", wanted)
    if row is None:
        return None
    facts = dict(row)
    text, html, secret = facts.pop("text_body"), facts.pop("html_body"), facts.pop("secret")
    return OpenLetter(Letter(**facts), text, html, secret)


def _id_in(cursor: str) -> UUID:
    (told,) = decode_cursor(cursor, str)
    try:
        return UUID(str(told))
    except ValueError as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken


def _like(text: str) -> str:
    plain = text.lower()
    for sign in "!%_":
        plain = plain.replace(sign, f"!{sign}")
    return f"%{plain}%"


def _without(secret: str, body: str) -> str:
    return body.replace(secret, SECRET_MARK) if secret else body

"""Handing a mail to the mail server: over TLS from the first byte or by STARTTLS, never in the clear across a network.

SMTP_URL: smtps://user:password@host:465 or smtp://user:password@host:587 (STARTTLS is demanded, not tried). Options:
`?ca=/path/to/ca.pem` trusts one more authority; `?tls=none` talks in the clear to a server on the loopback only.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import aiosmtplib

from retail.runtime.mail.mail import SECRET_MARK

TIMEOUT_SECONDS: Final = 20.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class BadSmtpUrl(ValueError):
    """SMTP_URL can't work; the message says what would."""


class Refused(Exception):
    """The mail server refuses this recipient for good: trying again would change nothing."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed mail: `attempt` is the fence, only the newest claim may settle it."""

    id: UUID
    tenant_id: UUID | None
    kind: str
    recipient: str
    sender: str
    subject: str
    text_body: str
    html_body: str | None
    secret: str | None
    created_at: datetime
    attempt: int
    channel: str = "mail"

    @property
    def text(self) -> str:
        """Give the text with its secret in its place."""
        return _whole(self.text_body, self.secret)

    @property
    def html(self) -> str | None:
        """Give the other half, None where there is none."""
        return None if self.html_body is None else _whole(self.html_body, self.secret)


@dataclass(frozen=True, slots=True)
class Route:
    """Where the mail server is and how to speak to it."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str  # "direct", "starttls" or "none"
    ca: str | None = None

    @classmethod
    def read(cls, url: str) -> Route:
        """Read an SMTP_URL. Raises BadSmtpUrl."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as wrong:
            raise BadSmtpUrl("SMTP_URL must look like smtp://user:password@mail.example.com:587.") from wrong
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise BadSmtpUrl("SMTP_URL must begin with smtp:// or smtps:// and name a host.")
        tls = "direct" if parts.scheme == "smtps" else options.get("tls", "starttls")
        if tls not in {"direct", "starttls", "none"}:
            raise BadSmtpUrl("The option tls of SMTP_URL is starttls or none.")
        if tls == "none" and parts.hostname not in _LOOPBACK:
            raise BadSmtpUrl("SMTP_URL may do without TLS (tls=none) only for a server on this machine.")
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, port or (465 if tls == "direct" else 587), user, password, tls, options.get("ca"))


class Carrier:
    """Carries mails to the server of SMTP_URL. Raises BadSmtpUrl when made with one that can't work."""

    def __init__(self, url: str, mail_from: str) -> None:
        self._route = Route.read(url)
        name, address = parseaddr(mail_from)
        if "@" not in address:
            raise BadSmtpUrl("MAIL_FROM must be an address like Countertop <no-reply@example.com>.")
        self.name, self.address = name or "Countertop", address

    async def carry(self, letter: Outgoing) -> None:
        """Hand one mail over. Raises Refused, or whatever keeps the server from taking it now."""
        route = self._route
        client = aiosmtplib.SMTP(
            hostname=route.host,
            port=route.port,
            username=route.user,
            password=route.password,
            use_tls=route.tls == "direct",
            start_tls=route.tls == "starttls",
            tls_context=ssl.create_default_context(cafile=route.ca) if route.tls != "none" else None,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            async with client:
                await client.send_message(
                    to_message(letter, self.name, self.address), sender=self.address, recipients=[letter.recipient]
                )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [one.code for one in refused.recipients]
            if codes and min(codes) >= 500:
                raise Refused(str(refused.recipients[0].message)) from refused
            raise


def to_message(letter: Outgoing, name: str, address: str) -> EmailMessage:
    """Make the message; the library folds and encodes headers, and refuses line breaks in them."""
    message = EmailMessage(policy=SMTP)
    user, _, domain = address.rpartition("@")
    display = f"{letter.sender} ({name})" if letter.sender else name
    message["From"] = Address(display, user, domain)
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{domain}>"  # the same at every try, so that readers show it once
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
    return message


def _whole(body: str, secret: str | None) -> str:
    return body.replace(SECRET_MARK, secret) if secret else body

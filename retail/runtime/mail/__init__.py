"""Mail to people: a row in the transaction that asks for it, carried by a worker; nothing is sent from a request."""

from __future__ import annotations

from retail.runtime.mail.box import Letter, MailLimitReached, letter, letters, queue
from retail.runtime.mail.compose import compose
from retail.runtime.mail.mail import BadAddress, Mail, Verbatim, tame

__all__ = [
    "BadAddress",
    "Letter",
    "Mail",
    "MailLimitReached",
    "Verbatim",
    "compose",
    "letter",
    "letters",
    "queue",
    "tame",
]

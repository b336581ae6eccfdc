"""Carriers of letters beside SMTP: an HTTP provider of e-mail, and one of SMS that speaks as Twilio does.

MAIL_API: https://KEY@api.provider.example/v1/messages. Each letter is one POST of JSON, {"from", "to", "subject",
"text", "html", "id"}, with `Authorization: Bearer KEY` and `Idempotency-Key`.
SMS_API: https://ACCOUNT:TOKEN@api.twilio.com/2010-04-01/Accounts/ACCOUNT/Messages.json?from=%2B4915112345678. Each is
one POST of a form, From, To and Body, with the account and its token as Basic authentication.

Both go through the guarded client: https to a public name, no redirects, five seconds.
"""

from __future__ import annotations

import base64
import json
from email.utils import formataddr, parseaddr
from typing import Final, Protocol
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from retail.runtime.mail.smtp import Outgoing as Letter
from retail.runtime.mail.smtp import Refused
from retail.runtime.web.outgoing import Fetched, Outgoing, OutgoingFailed

_FOR_GOOD: Final = frozenset({400, 404, 410, 422})
"""Answers about this letter or its recipient; the others are about us, or about now."""
_NEVER: Final = frozenset({21211, 21214, 21217, 21408, 21610, 21614})
"""What Twilio calls a number that is none, that can't be reached, or that wants nothing from us."""
_SMS_MOST: Final = 480


class Undelivered(Exception):
    """A provider could not take a letter now; another try may do."""


class BadApiUrl(ValueError):
    """MAIL_API or SMS_API can't work; the message says what would."""


class CarrierLike(Protocol):
    """What the postman needs."""

    async def carry(self, letter: Letter) -> None:
        """Hand one letter over. Raises Refused for good, anything of the postman's list for now."""


class MailApi:
    """Carries mails to an HTTP provider. Raises BadApiUrl."""

    def __init__(self, url: str, mail_from: str, outgoing: Outgoing) -> None:
        parts = urlsplit(url)
        name, self._address = parseaddr(mail_from)
        if not parts.hostname or not parts.username or "@" not in self._address:
            raise BadApiUrl("MAIL_API must look like https://KEY@api.provider.example/v1/messages, beside MAIL_FROM.")
        self._key, self._name, self._outgoing = unquote(parts.username), name or "Countertop", outgoing
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    async def carry(self, letter: Letter) -> None:
        """Hand one mail over. Raises Refused, Undelivered."""
        display = f"{letter.sender} ({self._name})" if letter.sender else self._name
        body = {
            "id": str(letter.id), "from": formataddr((display, self._address)), "to": letter.recipient,
            "subject": letter.subject, "text": letter.text, "html": letter.html,
        }  # fmt: skip
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(letter.id),  # the same at every try, so that a provider sends it once
        }
        answer = await _post(self._outgoing, self._url, json.dumps(body).encode(), headers)
        if answer.status in _FOR_GOOD:
            raise Refused(f"HTTP {answer.status}")
        _require_taken(answer)


class SmsApi:
    """Carries SMS. Raises BadApiUrl."""

    def __init__(self, url: str, outgoing: Outgoing) -> None:
        parts = urlsplit(url)
        asked = parse_qs(parts.query)
        if not parts.hostname or not parts.username or not parts.password or not asked.get("from"):
            raise BadApiUrl("SMS_API must look like https://ACCOUNT:TOKEN@api.example.com/…/Messages.json?from=%2B49….")
        self._from, self._outgoing = asked["from"][0], outgoing
        pair = f"{unquote(parts.username)}:{unquote(parts.password)}".encode()
        self._proof = f"Basic {base64.b64encode(pair).decode()}"
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()

    async def carry(self, letter: Letter) -> None:
        """Hand one SMS over; its text is cut at 480 letters. Raises Refused, Undelivered."""
        body = urlencode({"From": self._from, "To": letter.recipient, "Body": letter.text.strip()[:_SMS_MOST]})
        headers = {"Authorization": self._proof, "Content-Type": "application/x-www-form-urlencoded"}
        answer = await _post(self._outgoing, self._url, body.encode(), headers)
        if answer.status == 400 and (code := _code_of(answer)) in _NEVER:
            raise Refused(f"{code}")
        _require_taken(answer)


def _code_of(answer: Fetched) -> int:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return 0
    code = told.get("code") if isinstance(told, dict) else 0
    return code if isinstance(code, int) else 0


def _require_taken(answer: Fetched) -> None:
    if answer.status >= 300:
        raise Undelivered(f"HTTP {answer.status}")


async def _post(outgoing: Outgoing, url: str, body: bytes, headers: dict[str, str]) -> Fetched:
    try:
        return await outgoing.post(url, body, headers=headers)
    except OutgoingFailed as failed:
        raise Undelivered(failed.reason) from failed

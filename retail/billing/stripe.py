"""Stripe's HTTP API, as much of it as paying an invoice needs: a checkout page, what became of it, signed events.

One module speaks to the provider; everything else knows Checkout and Paid. What an event says is never believed: it
names a session, and the session is fetched again from the API (SAFETY T26).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID

from retail.billing.errors import NoCards
from retail.billing.queries import Invoice
from retail.runtime.web.outgoing import Outgoing, OutgoingFailed
from retail.seller import Seller

VERSION: Final = "2025-09-30.clover"
TOLERANCE: Final = timedelta(minutes=5)
TOLD_OF: Final = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
"""The events that may mean money; all others are noted and left alone."""


class NotSigned(ValueError):
    """A delivery that isn't the provider's, or is too old."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What the API says of a session: whose invoice, and what was paid. Amount in minor units."""

    tenant: UUID
    invoice: UUID
    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """A delivery whose signature holds; `session` is the object that it is about."""

    id: str
    kind: str
    session: str


class Stripe:
    """The API with a seller's key. Raises NoCards where there is none, or where it can't be reached."""

    def __init__(self, seller: Seller, outgoing: Outgoing) -> None:
        self._seller, self._outgoing = seller, outgoing

    async def checkout(self, tenant: UUID, invoice: Invoice, what: str, back: str) -> str:
        """Open a page on which the open amount of an invoice is paid; gives its address. `back`: where to return to."""
        told = {
            "mode": "payment",
            "client_reference_id": str(invoice.id),
            "metadata[tenant]": str(tenant),
            "metadata[invoice]": str(invoice.id),
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": invoice.currency.lower(),
            "line_items[0][price_data][unit_amount]": str(invoice.open_minor),
            "line_items[0][price_data][product_data][name]": what,
            "success_url": f"{back}?paid=card",
            "cancel_url": back,
        }
        # the same open amount is the same page: two clicks make one
        made = await self._ask("checkout/sessions", told, key=f"{invoice.id}-{invoice.open_minor}")
        url = str(made.get("url", ""))
        if not url.startswith("https://") and self._seller.stripe_api.startswith("https://"):
            raise NoCards
        return url

    async def paid(self, session: str) -> Paid | None:
        """Ask what became of a session; None where it isn't paid, or is none of ours."""
        found = await self._ask(f"checkout/sessions/{quote(session, safe='')}")
        if found.get("payment_status") != "paid":
            return None
        told = found.get("metadata") or {}
        try:
            tenant, invoice = UUID(told["tenant"]), UUID(told["invoice"])
            reference = str(found.get("payment_intent") or found["id"])
            return Paid(tenant, invoice, reference, int(found["amount_total"]), str(found["currency"]).upper())
        except (KeyError, TypeError, ValueError):
            return None

    async def _ask(self, path: str, told: Mapping[str, str] | None = None, *, key: str = "") -> dict[str, Any]:
        if not self._seller.stripe_secret_key:
            raise NoCards
        headers = {"Authorization": f"Bearer {self._seller.stripe_secret_key}", "Stripe-Version": VERSION}
        url = f"{self._seller.stripe_api}/v1/{path}"
        try:
            if told is None:
                answer = await self._outgoing.get(url, headers=headers)
            else:
                headers |= {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": key}
                answer = await self._outgoing.post(url, urlencode(told).encode(), headers=headers)
            found = json.loads(answer.body)
        except (OutgoingFailed, ValueError) as cause:
            raise NoCards from cause
        if answer.status != 200 or not isinstance(found, dict):
            raise NoCards
        return found


def signed(secret: str, at: int, body: bytes) -> str:
    """Give the signature of a body at a time (seconds), as the provider documents it: HMAC-SHA256 of "t.body"."""
    return hmac.new(secret.encode(), b"%d." % at + body, sha256).hexdigest()


def read_event(secrets: Sequence[str], header: str, body: bytes, now: datetime) -> StripeEvent:
    """Read a delivery. Raises NotSigned: the signature is none of any of our secrets, or five minutes old or more."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _equals, value in parts if name.strip() == "t"]
    given = [value.strip() for name, _equals, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or len(times[0]) > 12:
        raise NotSigned
    at = int(times[0])
    if abs(now.timestamp() - at) >= TOLERANCE.total_seconds():
        raise NotSigned
    wanted = [signed(secret, at, body) for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in wanted for other in given):
        raise NotSigned
    try:
        told = json.loads(body)
        return StripeEvent(str(told["id"]), str(told["type"]), str(told["data"]["object"].get("id", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise NotSigned from broken

"""What paying by card needs of the provider: checkout pages, a kept card, a charge on it, signed events.

One module speaks to the provider, through its own library (retail/billing/sdk.py); everything else knows these types.
What an event says is never believed: it names an object, and the object is fetched again from the API (SAFETY T26).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final, Literal
from uuid import UUID

from retail.billing.errors import NoCards
from retail.billing.queries import Invoice
from retail.runtime.web.outgoing import Outgoing
from retail.seller import Seller

TOLERANCE: Final = timedelta(minutes=5)
SESSIONS: Final = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
INTENTS: Final = frozenset({"payment_intent.succeeded", "payment_intent.payment_failed"})
"""The events that may mean money; all others are noted and left alone."""
_WAITS: Final = frozenset({"processing", "requires_capture"})


class NotSigned(ValueError):
    """A delivery that isn't the provider's, or is too old."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What the API says was paid: by whom, for which invoice. Amount in minor units."""

    tenant: UUID
    invoice: UUID
    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card that the provider keeps; we know its names there, and what its owner knows it by. `expires`: 2030-04."""

    customer: str
    method: str
    brand: str
    last_four: str
    expires: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a page at the provider: what was paid there, and the card to keep; `tenant` None: none of ours."""

    tenant: UUID | None = None
    paid: Paid | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """What became of a charge; `why` is the provider's word for what a bank said, like card_declined.

    `reference` is the provider's id of it, "" for one that was refused before it had any.
    """

    outcome: Literal["paid", "waits", "refused"]
    reference: str
    tenant: UUID
    invoice: UUID
    paid: Paid | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """A delivery whose signature holds; `about` is the object that it is about."""

    id: str
    kind: str
    about: str


async def load() -> Any:  # noqa: ANN401 - a module
    """Load the provider's library beside the event loop: the first time takes a second."""
    return await asyncio.to_thread(import_module, "retail.billing.sdk")


class Stripe:
    """The API with a seller's key. Raises NoCards where there is none, or where it can't be reached."""

    def __init__(self, seller: Seller, outgoing: Outgoing) -> None:
        self._seller, self._outgoing = seller, outgoing

    async def checkout(self, tenant: UUID, invoice: Invoice, what: str, back: str, *, keep: bool = False) -> str:
        """Open a page on which the open amount of an invoice is paid; gives its address. `back`: where to return to.

        `keep`: the card is kept for the invoices to come.
        """
        price = {
            "currency": invoice.currency.lower(), "unit_amount": invoice.open_minor, "product_data": {"name": what}
        }  # fmt: skip
        told: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": str(invoice.id),
            "metadata": {"tenant": str(tenant), "invoice": str(invoice.id)} | ({"keep": "yes"} if keep else {}),
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": f"{back}?paid=card",
            "cancel_url": back,
        }
        if keep:
            told |= {"customer_creation": "always", "payment_intent_data": {"setup_future_usage": "off_session"}}
        # the same open amount is the same page: two clicks make one
        return await self._page(told, f"{invoice.id}-{invoice.open_minor}" + ("-keep" if keep else ""))

    async def card_page(self, tenant: UUID, currency: str, back: str, key: UUID) -> str:
        """Open a page on which a card is given and nothing paid; the same `key` is the same page."""
        told = {
            "mode": "setup",
            "currency": currency.lower(),
            "client_reference_id": str(tenant),
            "metadata": {"tenant": str(tenant), "keep": "yes"},
            "customer_creation": "always",
            "success_url": f"{back}?kept=card",
            "cancel_url": back,
        }
        return await self._page(told, f"card-{tenant}-{key}")

    async def done(self, session: str) -> Done:
        """Ask what became of a page."""
        more = ["payment_intent.payment_method", "setup_intent.payment_method"]
        found = await self._ask(lambda api: api.v1.checkout.sessions.retrieve_async(session, params={"expand": more}))
        told = found.get("metadata") or {}
        intent = found.get("payment_intent") or found.get("setup_intent") or {}
        tenant = _uuid(told.get("tenant"))
        is_done = found.get("status") == "complete" or found.get("payment_status") == "paid"
        if tenant is None or not is_done:
            return Done()
        paid = None
        if found.get("payment_status") == "paid" and isinstance(intent, dict):
            paid = _paid(told, intent.get("id"), found.get("amount_total"), found.get("currency"))
        card = _card(found.get("customer"), intent) if told.get("keep") == "yes" else None
        return Done(tenant, paid, card)

    async def charge(self, tenant: UUID, invoice: Invoice, card: Card, key: str) -> Charged:
        """Charge a kept card with what is open on an invoice. The same `key` charges once, however often."""
        told = {
            "amount": invoice.open_minor,
            "currency": invoice.currency.lower(),
            "customer": card.customer,
            "payment_method": card.method,
            "off_session": True,
            "confirm": True,
            "description": invoice.number,
            "metadata": {"tenant": str(tenant), "invoice": str(invoice.id)},
        }
        sdk = await load()
        try:
            found = await self._ask(
                lambda api: api.v1.payment_intents.create_async(params=told, options={"idempotency_key": key})
            )
        except NoCards as cause:
            refused = cause.__cause__
            if not isinstance(refused, sdk.CardFailed):
                raise
            return Charged("refused", "", tenant, invoice.id, why=str(refused.code or "card_declined")[:60])
        became = _charged(found)
        if became is None:
            raise NoCards
        return became

    async def charged(self, intent: str) -> Charged | None:
        """Ask what became of a charge; None where it is none of ours."""
        return _charged(await self._ask(lambda api: api.v1.payment_intents.retrieve_async(intent)))

    async def forget(self, customer: str) -> None:
        """Have the provider forget a customer with all of its cards."""
        await self._ask(lambda api: api.v1.customers.delete_async(customer))

    async def _page(self, told: Mapping[str, Any], key: str) -> str:
        made = await self._ask(
            lambda api: api.v1.checkout.sessions.create_async(params=dict(told), options={"idempotency_key": key})
        )
        url = str(made.get("url") or "")
        if not url.startswith("https://") and self._seller.stripe_api.startswith("https://"):
            raise NoCards
        return url

    async def _ask(self, ask: Callable[[Any], Awaitable[Any]]) -> dict[str, Any]:
        if not self._seller.stripe_secret_key:
            raise NoCards
        sdk = await load()
        api = sdk.client(self._seller.stripe_secret_key, self._seller.stripe_api, self._outgoing)
        try:
            found: dict[str, Any] = (await ask(api)).to_dict()
        except (sdk.Failed, ValueError, AttributeError) as cause:
            raise NoCards from cause
        return found


def read_event(secrets: Sequence[str], header: str, body: bytes, now: datetime) -> StripeEvent:
    """Read a delivery. Raises NotSigned: the signature is none of any of our secrets, or five minutes old or more.

    The library checks the signature, we the time: by the clock of the unit of work, and to both sides.
    """
    times = [part.partition("=")[2] for part in header.split(",") if part.partition("=")[0] == "t"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or len(times[0]) > 12:
        raise NotSigned
    if abs(now.timestamp() - int(times[0])) >= TOLERANCE.total_seconds():
        raise NotSigned
    told = import_module("retail.billing.sdk").event(secrets, header, body)
    try:
        return StripeEvent(str(told["id"]), str(told["type"]), str(told["data"]["object"].get("id", "")))
    except (KeyError, TypeError, AttributeError) as broken:
        raise NotSigned from broken


def _charged(found: Mapping[str, Any]) -> Charged | None:
    told, status, reference = found.get("metadata") or {}, found.get("status"), str(found.get("id"))
    tenant, invoice = _uuid(told.get("tenant")), _uuid(told.get("invoice"))
    if tenant is None or invoice is None:
        return None
    if status == "succeeded":
        paid = _paid(told, reference, found.get("amount_received"), found.get("currency"))
        return Charged("paid", reference, tenant, invoice, paid) if paid else None
    if status in _WAITS:
        return Charged("waits", reference, tenant, invoice)
    why = (found.get("last_payment_error") or {}).get("code") or str(status)
    return Charged("refused", reference, tenant, invoice, why=str(why)[:60])


def _paid(told: Mapping[str, Any], reference: object, amount: object, currency: object) -> Paid | None:
    tenant, invoice = _uuid(told.get("tenant")), _uuid(told.get("invoice"))
    if tenant is None or invoice is None or not reference or not isinstance(amount, int) or not currency:
        return None
    return Paid(tenant, invoice, str(reference), amount, str(currency).upper())


def _card(customer: object, intent: Mapping[str, Any]) -> Card | None:
    method = intent.get("payment_method")
    card = method.get("card") if isinstance(method, dict) else None
    if not isinstance(method, dict) or not isinstance(card, dict) or not isinstance(customer, str):
        return None
    expires = f"{card.get('exp_year', 0):04d}-{card.get('exp_month', 0):02d}"
    return Card(customer, str(method.get("id")), str(card.get("brand"))[:20], str(card.get("last4"))[-4:], expires)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None

"""Who runs this installation and sells its plans: what stands on invoices, and how they are paid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

STRIPE: Final = "https://api.stripe.com"
EXAMPLE: Final = {
    "BILLING_ADDRESS": "Example street 1|20095 Hamburg",
    "BILLING_TAX_ID": "DE123456789",
    "BILLING_IBAN": "DE02120300000000202051",
    "BILLING_BIC": "BYLADEM1001",
}
"""Who sells the plans in a demonstration, so that its bills can be read to their end; no such account is known."""
_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Seller:
    """The operator as a seller; without a key of the payment provider invoices are paid by bank transfer alone."""

    name: str = "Countertop"
    address: str = ""
    country: str = "DE"
    tax_id: str = ""
    iban: str = ""
    bic: str = ""
    stripe_secret_key: str = ""
    stripe_webhook_secrets: tuple[str, ...] = ()
    stripe_api: str = STRIPE

    @classmethod
    def from_env(cls, found: Mapping[str, str]) -> Seller:
        """Read it. Raises ValueError, in words, for a value that can't work."""
        country = found.get("BILLING_COUNTRY", "DE").strip().upper()
        if not _COUNTRY.fullmatch(country):
            raise ValueError("BILLING_COUNTRY must be a country's two letters, like DE.")
        secrets = tuple(part.strip() for part in found.get("STRIPE_WEBHOOK_SECRETS", "").split(",") if part.strip())
        key = found.get("STRIPE_SECRET_KEY", "").strip()
        if key and not secrets:
            raise ValueError("STRIPE_WEBHOOK_SECRETS must be set beside STRIPE_SECRET_KEY, or no payment is heard of.")
        return cls(
            name=found.get("BILLING_NAME", "").strip() or "Countertop",
            address=found.get("BILLING_ADDRESS", "").replace("|", "\n").strip(),
            country=country,
            tax_id=found.get("BILLING_TAX_ID", "").strip(),
            iban=found.get("BILLING_IBAN", "").strip(),
            bic=found.get("BILLING_BIC", "").strip(),
            stripe_secret_key=key,
            stripe_webhook_secrets=secrets,
            stripe_api=found.get("STRIPE_API", "").strip() or STRIPE,
        )

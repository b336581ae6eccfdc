"""The template of a receipt: what a business, or a store, has set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from retail.tenants.queries import StoreFacts

PARTS: Final = ("logo", "address", "tax_number", "cashier", "customer", "saved", "barcode", "qr")


def template_of(own: Mapping[str, Any], store: StoreFacts | None, business: Mapping[str, Any]) -> dict[str, Any]:
    """Give the template from the settings as they count in a store; a store without a footer has the business's."""
    shown = {part: own[f"receipt_{part}"] == "shown" for part in PARTS}
    footer = (store.receipt_footer if store else "") or business["receipt_note"]
    return {**shown, "heading": own["receipt_heading"], "footer": footer}

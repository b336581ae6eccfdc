"""The facts of a receipt, read from a stored sale: docs/algorithms/receipts.md, 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from retail.catalog.queries import tax_classes
from retail.catalog.taxes.keeping import exemption_reason
from retail.kit.money import mul_div
from retail.kit.text import _
from retail.runtime.db import Read
from retail.sales import queries
from retail.sales.buyers import buyer
from retail.sales.documents import StoredLine, StoredSale, StoredTax, TenderIn
from retail.sales.labels import receipt_label
from retail.sales.layaways.receipts import kept_facts
from retail.sales.receipts.template import template_of
from retail.tenants import queries as tenants
from retail.tenants.settings_changes import values

Plain = dict[str, Any]
_NO_TEXT: Final = ""
_TIMES: Final = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt is described by, and how it is put on paper."""

    sale: StoredSale
    facts: Mapping[str, Any]
    template: Mapping[str, Any]
    paper: str
    page_days: int


async def receipt_of(read: Read, id: UUID, *, public: bool = False) -> Receipt:
    """Read a sale's receipt; a `public` one names nobody. Raises NoSuchSale."""
    sale = await queries.stored_sale(read, id)
    business, till = await tenants.this_tenant(read), await tenants.till(read, sale.till)
    store = await tenants.store(read, sale.store)
    own, of_business = await values(read, sale.store), await values(read)
    known = {(one.code, one.rate_micros): one.name for one in await tax_classes(read)}
    bought_by = None if public else await buyer(read, sale.customer)
    tip = sum(one.tip for one in sale.tenders)
    kept, kept_lines = await kept_facts(read, sale)
    facts: Plain = {
        "kind": sale.kind,
        "original": await _label(read, sale.original) if sale.original else _NO_TEXT,
        "label": receipt_label(till.code, sale.number, sale.kind),
        "at": written(sale.occurred_at),
        "business": business.name,
        "store": store.name,
        "address": store.address,
        "tax_number": store.tax_number,
        "cashier": _NO_TEXT if public else sale.cashier_name,
        "customer": bought_by.name if bought_by else _NO_TEXT,
        "lines": [_line(line) for line in sale.lines] or kept_lines,
        "layaway": kept,
        "inclusive": sale.prices_include_tax or kept is not None,
        "subtotal": sale.subtotal if kept is None else sale.claimed_total,
        "total": sale.total if kept is None else sale.claimed_total,
        "rounding": sale.cash_rounding,
        "tip": tip,
        "saved": sale.discount,
        "taxes": [_tax(one, known.get((one.code, one.rate_micros), _NO_TEXT)) for one in sale.taxes if one.code],
        "exempt": await exemption_reason(read, sale.exemption) if sale.exemption else _NO_TEXT,
        "tenders": [_tender(one) for one in sale.tenders],
        "link": _NO_TEXT,
        "proof": _NO_TEXT,
    }
    template = template_of(own, store, of_business)
    return Receipt(sale, facts, template, str(own["receipt_paper"]), int(own["receipt_page_days"]))


def written(at: datetime) -> str:
    """Write a moment as tills do."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _label(read: Read, id: UUID) -> str:
    original = await queries.stored_sale(read, id)
    return receipt_label((await tenants.till(read, original.till)).code, original.number, original.kind)


def _line(line: StoredLine) -> Plain:
    whole = line.quantity_milli % 1000 == 0
    more = [f"+ {_times(one.quantity)}{one.name}" for one in line.choices]
    by_hand = [_("weighed by hand")] if line.by_hand else []
    return {
        "name": line.name,
        "quantity": line.quantity_milli,
        "unit": _NO_TEXT,
        "decimals": not whole,
        "price": line.unit_price,
        "amount": mul_div(line.quantity_milli, line.unit_price, 1000),
        "more": [*more, *by_hand, *([line.note] if line.note else [])],
        "offers": [{"name": one.name, "amount": one.amount} for one in line.offers],
        "off": line.own_discount,
    }


def _times(count: int) -> str:
    return f"{count} {_TIMES} " if count > 1 else ""


def _tax(tax: StoredTax, name: str) -> Plain:
    parts = [{"name": one.name, "rate_micros": one.rate_micros, "tax": one.tax} for one in tax.parts]
    return {"name": name, "rate_micros": tax.rate_micros, "base": tax.base, "tax": tax.tax, "parts": parts}


def _tender(tender: TenderIn) -> Plain:
    foreign = tender.foreign
    return {
        "type": tender.type,
        "amount": tender.amount,
        "change": tender.change,
        "by_hand": tender.type == "card" and tender.attempt is None,
        "currency": foreign.currency if foreign else _NO_TEXT,
        "foreign": foreign.minor if foreign else 0,
        "rate_billionths": foreign.rate_billionths if foreign else 0,
    }

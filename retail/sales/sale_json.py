"""The one JSON form of a stored sale, as the API answers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from retail.kit.quantity import quantity_text
from retail.sales.choices import choices_json
from retail.sales.documents import LineOffer, StoredLine, StoredSale, StoredTax, TenderIn
from retail.sales.remarks import Remark
from retail.sales.risk_words import reason_words
from retail.sales.risks import Risk

Money = Callable[[int], str]


def sale_json(sale: StoredSale, money: Money) -> dict[str, Any]:
    """Write a stored sale as the API has it; `money` writes amounts inside the exceptions' sentences."""
    return {
        "id": str(sale.id),
        "kind": sale.kind,
        "store": str(sale.store),
        "till": str(sale.till),
        "shift": _text(sale.shift),
        "after_close": sale.after_close,
        "number": sale.number,
        "original": _text(sale.original),
        "customer": sale.customer or None,
        "cashier": sale.cashier_name,
        "occurred_at": _time(sale.occurred_at),
        "received_at": _time(sale.received_at),
        "business_date": sale.business_date.isoformat(),
        "currency": sale.currency,
        "prices_include_tax": sale.prices_include_tax,
        "engine": sale.engine,
        "lines": [_line_json(line) for line in sale.lines],
        "taxes": [_tax_json(tax) for tax in sale.taxes],
        "tenders": [_tender_json(tender) for tender in sale.tenders],
        "subtotal": sale.subtotal,
        "tax": sale.tax,
        "total": sale.total,
        "discount": sale.discount,
        "cash_rounding": sale.cash_rounding,
        **({"tip": tip} if (tip := sum(tender.tip for tender in sale.tenders)) else {}),
        **({"fiscal_position": str(sale.fiscal_position)} if sale.fiscal_position else {}),
        **({"exemption": str(sale.exemption)} if sale.exemption else {}),
        **({"price_group": sale.price_group} if sale.price_group else {}),
        **({"checks": {"age": sale.age_checked}} if sale.age_checked else {}),
        "claimed_total": sale.claimed_total,
        "exceptions": remarks_json(sale.remarks, money),
    }


def risk_json(risk: Risk | None, money: Money) -> dict[str, Any] | None:
    """Write a receipt's risk with its reasons; null where nobody looked at it yet."""
    if risk is None:
        return None
    return {
        "points": risk.points,
        "level": risk.level,
        "reasons": [
            {"code": one.code, "points": one.points, "detail": reason_words(one, money), "facts": dict(one.facts)}
            for one in risk.reasons
        ],
        "alert": _text(risk.alert),
        "scored_at": _time(risk.scored_at),
    }


def remarks_json(remarks: tuple[Remark, ...], money: Money) -> list[dict[str, Any]]:
    """Write what was off about a sale: a code for programs, a sentence for people, the facts behind it."""
    return [
        {"code": one.code, "detail": one.sentence(money), "facts": dict(sorted(one.facts.items()))} for one in remarks
    ]


def _tender_json(tender: TenderIn) -> dict[str, Any]:
    foreign = tender.foreign
    return {
        "type": tender.type,
        "amount": tender.amount,
        "change": tender.change,
        "reference": tender.reference,
        **({"attempt": str(tender.attempt)} if tender.attempt else {}),
        **({"tip": tender.tip} if tender.tip else {}),
        **({"value": str(tender.value)} if tender.value else {}),
        **({"lacking": tender.lacking} if tender.lacking else {}),
        **(
            {
                "currency": foreign.currency,
                "foreign_amount": foreign.minor,
                "rate_billionths": foreign.rate_billionths,
            }
            if foreign
            else {}
        ),
    }


def _tax_json(tax: StoredTax) -> dict[str, Any]:
    parts = [{"name": one.name, "rate_micros": one.rate_micros, "tax": one.tax} for one in tax.parts]
    return {
        "code": tax.code,
        "rate_micros": tax.rate_micros,
        "base": tax.base,
        "tax": tax.tax,
        **({"parts": parts} if parts else {}),
    }


def _offer_json(one: LineOffer) -> dict[str, Any]:
    return {"offer": str(one.offer), "version": one.version, "name": one.name, "amount": one.amount}


def _line_json(line: StoredLine) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "product": _text(line.product),
        "name": line.name,
        "sku": line.sku,
        "quantity": quantity_text(line.quantity_milli),
        "unit_price": line.unit_price,
        "discount": line.discount,
        "net": line.net,
        "tax": line.tax,
        "total": line.total,
        "tax_code": line.tax_code,
        "rate_micros": line.rate_micros,
        **({"choices": choices_json(line.choices)} if line.choices else {}),
        **({"note": line.note} if line.note else {}),
        **({"parent": str(line.parent)} if line.parent else {}),
        **({"by_hand": True} if line.by_hand else {}),
        **({"offers": [_offer_json(one) for one in line.offers]} if line.offers else {}),
        **({"original_line": str(line.original_line)} if line.original_line else {}),
    }


def _text(id: UUID | None) -> str | None:
    return str(id) if id else None


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

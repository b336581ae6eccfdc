"""An invoice on paper: a PDF by Typst from templates/documents/invoice.typ, the same bytes for the same invoice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from babel.dates import format_date

from retail.billing.drafts import days_of
from retail.billing.plans import Plan, cycle_words
from retail.billing.queries import Invoice
from retail.kit.clock import business_day
from retail.kit.money import format_money
from retail.kit.quantity import locale_of
from retail.kit.text import _, country_words, use_language

_HOUSE: Final = Path(__file__).resolve().parents[2]
_TEMPLATES: Final = _HOUSE / "templates" / "documents"
_FONTS: Final = _HOUSE / "static" / "vendor" / "dejavu-fonts-ttf@2.37.3"


async def invoice_pdf(invoice: Invoice, known: Mapping[str, Plan], locale: str, timezone: str) -> bytes:
    """Make the PDF, beside the loop: words and figures of the locale, days of the zone; what was invoiced stays."""
    return await asyncio.to_thread(_compile, told(invoice, known, locale, timezone), invoice.issued_at)


def told(invoice: Invoice, known: Mapping[str, Plan], locale: str, timezone: str) -> dict[str, Any]:
    """Give everything that the paper says, in words and figures of the locale; its days are the business's own."""
    with use_language(locale):
        title = _("Invoice %(number)s") % {"number": invoice.number}
        seller = invoice.seller
        issued, due = (_day(business_day(moment, timezone), locale) for moment in (invoice.issued_at, invoice.due_at))
        facts = [(_("Issued"), issued), (_("To be paid until"), due)]
        if seller["tax_id"]:
            facts.append((_("Our tax id"), seller["tax_id"]))
        return {
            "title": title,
            "language": locale.partition("-")[0],
            "seller": seller,
            "buyer": {**invoice.buyer, "country": country_words(invoice.buyer["country"])},
            "facts": facts,
            "heads": [_("For"), _("Days"), _("Amount")],
            "lines": [_line(line, invoice, known, locale) for line in invoice.lines],
            "sums": [
                (_("Without tax"), _amount(invoice.net_minor, invoice, locale)),
                (_tax(invoice), _amount(invoice.tax_minor, invoice, locale)),
            ],
            "total": (_("Total"), _amount(invoice.total_minor, invoice, locale)),
            "notes": _notes(invoice),
            "transfer": _transfer(invoice),
            "footer": " · ".join(part for part in (seller["name"], title) if part),
            "words": {"tax_id": _("Tax id"), "transfer": _("By bank transfer")},
        }


def _line(line: Mapping[str, Any], invoice: Invoice, known: Mapping[str, Plan], locale: str) -> tuple[str, str, str]:
    named = {"plan": known[line["plan"]].name, "cycle": cycle_words(line["cycle"])}
    words = {
        "coupon": _("Coupon, %(percent)s %% off") % {"percent": f"{line['points'] / 100:g}"},
        "credit": _("Not used of %(plan)s, %(cycle)s") % named,
        "plan": _("%(plan)s, %(cycle)s") % named,
    }[line["what"]]
    ends = [_day(day, locale) for day in days_of(line) or ()]
    return words, " \u2013 ".join(ends), _amount(line["minor"], invoice, locale)


def _tax(invoice: Invoice) -> str:
    if invoice.tax_kind in {"reverse", "outside"}:
        return _("Tax")
    return _("Tax, %(percent)s %%") % {"percent": f"{invoice.tax_micros / 10_000:g}"}


def _notes(invoice: Invoice) -> list[str]:
    return {
        "reverse": [_("Reverse charge: the recipient owes the tax.")],
        "outside": [_("Not taxable here.")],
    }.get(invoice.tax_kind, [])


def _transfer(invoice: Invoice) -> list[tuple[str, str]]:
    seller = invoice.seller
    if not seller["iban"]:
        return []
    facts = [(_("To"), seller["name"]), (_("IBAN"), seller["iban"]), (_("BIC"), seller["bic"])]
    return [fact for fact in [*facts, (_("Purpose"), invoice.number)] if fact[1]]


def _amount(minor: int, invoice: Invoice, locale: str) -> str:
    return format_money(minor, invoice.money, locale)


def _day(day: date, locale: str) -> str:
    return format_date(day, "medium", locale=locale_of(locale))


def _compile(facts: Mapping[str, Any], at: datetime) -> bytes:
    import typst  # noqa: PLC0415 - 30 MB of compiler, which most processes never need

    made: bytes = typst.compile(
        str(_TEMPLATES / "invoice.typ"),
        root=str(_TEMPLATES),
        font_paths=[str(_FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"invoice": json.dumps(facts, ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )
    return made

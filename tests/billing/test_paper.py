"""The invoice on paper: it says what the invoice says, whatever names hold, and is the same twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest

from retail.billing.paper import invoice_pdf
from retail.billing.plans import Plan
from retail.billing.queries import Invoice
from retail.kit.ids import new_id
from tests.billing.worlds import bills, take_out
from tests.support.web import Site
from tests.support.world import Shop

AT = datetime(2026, 3, 16, 9, tzinfo=UTC)
KNOWN = {"pro": Plan("pro", "Pro", 2, "EUR", 5900, 59000, 25, 5, 5000, 15, ())}
HOSTILE = '#import "@preview/x:1.0.0" $ * _ \\ <b> ]) ' + "ü ß é Ł"


def invoice(name: str = "Corner & Co", lines: int = 1) -> Invoice:
    line = {"what": "plan", "plan": "pro", "cycle": "month", "first": "2026-03-16", "end": "2026-04-16", "minor": 5900}
    return Invoice(
        id=new_id(), number="2026-000042", reason="first", issued_at=AT, due_at=AT + timedelta(days=14),
        period_first=date(2026, 3, 16), period_end=date(2026, 4, 16), plan="pro", cycle="month", currency="EUR",
        net_minor=5900, tax_micros=190_000, tax_kind="domestic", tax_minor=1121, total_minor=7021, paid_minor=0,
        lines=[line | {"points": 0}] * lines,
        seller={"name": "Countertop GmbH", "address": "Hafenstr. 1\n20457 Hamburg", "country": "DE",
                "tax_id": "DE123456789", "iban": "DE02120300000000202051", "bic": ""},
        buyer={"name": name, "address": "Altstadt 1\n10115 Berlin", "country": "DE", "tax_id": ""},
    )  # fmt: skip


def text_of(pdf: bytes) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    finally:
        document.close()
    return len(pages), " ".join(" ".join(pages).split())


@pytest.mark.parametrize("name", ["Corner & Co", HOSTILE])
async def test_it_says_what_the_invoice_says(name: str) -> None:
    pages, text = text_of(await invoice_pdf(invoice(name), KNOWN, "en-GB", "Europe/Berlin"))
    assert pages == 1
    for wanted in (
        "Invoice 2026-000042", name, "10115 Berlin", "Countertop GmbH", "DE123456789", "€59.00", "€11.21", "€70.21",
        "Tax, 19 %", "16 Mar 2026", "30 Mar 2026", "DE02120300000000202051",
    ):  # fmt: skip
        assert " ".join(wanted.split()) in text, wanted


async def test_the_same_invoice_is_the_same_file_and_many_lines_are_several_pages() -> None:
    one = invoice()
    assert await invoice_pdf(one, KNOWN, "de", "Europe/Berlin") == await invoice_pdf(one, KNOWN, "de", "Europe/Berlin")
    pages, text = text_of(await invoice_pdf(invoice(lines=80), KNOWN, "de", "Europe/Berlin"))
    assert pages > 1
    assert "70,21" in text


async def test_the_owner_fetches_it_and_nobody_else(site: Site, shop: Shop) -> None:
    await take_out(shop)
    (bill,) = await bills(shop)
    path = f"/t/{shop.tenant.slug}/billing/invoices/{bill.id}/pdf"
    fetched = await (await site.member(shop)).get(path)
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/pdf")
    assert bill.number in text_of(fetched.content)[1]
    assert (await (await site.member(shop, "manager")).get(path)).status_code == 403

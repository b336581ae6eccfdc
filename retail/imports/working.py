"""Documents of past trade worked out to sales and returns as they are stored; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.imports.invoices import Invoice
from retail.imports.shop import NO_TAX, WebShop
from retail.kit.quantity import MILLI
from retail.sales import refund
from retail.sales.assess import Seller, Spot, Terms, assess
from retail.sales.documents import ReturnIn, SaleIn, SaleLineIn, StoredSale, TenderIn
from retail.sales.past import part_of
from retail.sales.taxing import TaxClass
from retail.sales.wares import Ware

_CASHIER: Final = "Web shop"
_PAID_BY: Final = "card"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where past trade is worked out: the shop, its articles by SKU and by id, and when the import runs."""

    shop: WebShop
    wares: Mapping[str, Ware]
    shelf: Mapping[UUID, Ware]
    now: datetime

    def sale(self, one: Invoice, number: int) -> StoredSale:
        """Work a sale out, or goods that came back without a receipt (quantities below zero).

        It was paid as priced. Nothing about it is worth a remark: prices of years ago differ from today's.
        """
        lines = tuple(
            SaleLineIn(
                part_of(one.id, place),
                None if row.charge else self.wares[row.code].id,
                row.quantity * MILLI,
                row.price_minor,
                0,
                row.name,
                NO_TAX,
            )
            for place, row in enumerate(one.rows, start=1)
        )
        total = sum(row.quantity * row.price_minor for row in one.rows)
        paid = TenderIn(_PAID_BY, total, 0, one.reference)
        given = SaleIn(one.id, self.shop.till, None, number, one.at, one.customer, lines, (paid,), total, 0, _hash(one))
        tenant, store = self.shop.tenant, self.shop.store
        stored = assess(
            given,
            Spot(store.id, store.timezone, store.day_cutoff_hour, shift_known=True, shift_closed=False, follows=True),
            self.shelf,
            tax_classes=(TaxClass(NO_TAX, 0),),
            terms=Terms(tenant.currency, tenant.prices_include_tax, tenant.cash_unit_minor),
            seller=Seller(None, _CASHIER, self.now),
        )
        return replace(
            stored,
            remarks=(),
            claimed_total=stored.total,
            tenders=(replace(paid, amount=stored.total),),
        )

    def back(self, one: Invoice, sold: StoredSale, number: int) -> StoredSale:
        """Work a return out against the sale as it is stored."""
        quantities = {line: pieces * MILLI for line, pieces in one.back.items()}
        standing = {line: pieces * MILLI for line, pieces in one.standing.items()}
        priced = refund.work_out(sold, standing, quantities)
        paid = (TenderIn(_PAID_BY, -priced.total, 0, one.reference),)
        given = ReturnIn(one.id, self.shop.till, None, quantities, paid, _hash(one))
        store = self.shop.store
        desk = refund.Desk(self.shop.till, store.id, store.timezone, store.day_cutoff_hour, 1, one.id)
        made = refund.document(
            refund.Refund(given, sold, standing, priced, 0), desk, number, Seller(None, _CASHIER, one.at)
        )
        return replace(made, shift=None, received_at=self.now)


def _hash(one: Invoice) -> bytes:
    rows = repr([(*row[:5], row.at.isoformat(), row.customer) for row in one.rows])
    return hashlib.sha256(f"{rows}{one.original}{sorted(one.back.items())}".encode()).digest()

"""Sales as they come in and as they are stored: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from retail.catalog.taxes.rules import PartTotal
from retail.identity.approval_uses import OfflineGrant
from retail.kit.quantity import from_milli
from retail.sales.choices import Choice
from retail.sales.members import Altered
from retail.sales.remarks import Remark
from retail.stock.rules import NOTHING_NAMED, Named

Kind = Literal["sale", "return", "payment"]
Status = Literal["created", "replayed", "conflict", "invalid"]


@dataclass(frozen=True, slots=True)
class LineOffer:
    """What an offer took off a line, inside its discount; `name` is known of stored lines."""

    offer: UUID
    version: int
    amount: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SaleLineIn:
    """A line as the till sends it. `product` or `name` is there; `tax_code` only matters without a known product."""

    id: UUID
    product: UUID | None
    quantity_milli: int
    unit_price: int
    discount: int
    name: str = ""
    tax_code: str = ""
    list_price: int | None = None
    """What the price list said, where the cashier charged another price."""
    named: Named = NOTHING_NAMED
    choices: tuple[Choice, ...] = ()
    """Their prices are inside `unit_price`."""
    note: str = ""
    parent: UUID | None = None
    """The line that it goes with, such as a deposit with its bottle."""
    by_hand: bool = False
    """The weight was typed although the till has a scale."""
    offers: tuple[LineOffer, ...] = ()
    """What offers took off, inside `discount`."""


@dataclass(frozen=True, slots=True)
class ForeignCash:
    """Notes of another currency, in its own minor units, and what one whole unit was worth, in billionths."""

    currency: str
    minor: int
    rate_billionths: int
    offers: tuple[LineOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class TenderIn:
    """Money handed over, and what was given back of it, in minor units."""

    type: str
    amount: int
    change: int = 0
    reference: str = ""
    attempt: UUID | None = None
    """The try at a terminal that it came of."""
    tip: int = 0
    """What of it is for the staff."""
    foreign: ForeignCash | None = None
    value: UUID | None = None
    """The account that it was taken from: a gift card, store credit, what a customer may owe."""
    lacking: int = 0
    """What of it was not there to be taken any more."""

    @property
    def net(self) -> int:
        """What stayed with the shop."""
        return self.amount - self.change


@dataclass(frozen=True, slots=True)
class ProofIn:
    """An approval that a record brings; `offline`: all of one that was given by PIN without a network."""

    id: UUID
    permission: str
    offline: OfflineGrant | None = None


@dataclass(frozen=True, slots=True)
class SaleIn:
    """A paid sale as a till sends it; `body_hash` is SHA-256 of its canonical JSON."""

    id: UUID
    till: UUID
    shift: UUID | None
    number: int
    occurred_at: datetime
    customer: str
    lines: tuple[SaleLineIn, ...]
    tenders: tuple[TenderIn, ...]
    total: int
    cash_rounding: int | None
    body_hash: bytes
    basket_discount: int = 0
    approvals: tuple[ProofIn, ...] = ()
    altered: tuple[Altered, ...] = ()
    """Texts that are not kept as they came."""
    fiscal_position: UUID | None = None
    exemption: UUID | None = None
    price_group: str = ""
    """Whose price lists the cashier asked for."""
    age_checked: int | None = None
    """From which age on the cashier said that the customer may buy."""
    coupons: tuple[str, ...] = ()
    promotions: int | None = None
    """The version of the set of offers that the till used; None: it doesn't say."""
    receipt_link: bytes | None = None
    """SHA-256 of the token in the address of its receipt."""
    why: str = ""
    """Why the cashier charged other prices or gave discounts by hand."""
    layaway: UUID | None = None
    """The kept goods that it hands over."""
    agreed: frozenset[UUID] = frozenset()
    """The lines that are handed over as they were agreed; found out here, never sent."""


@dataclass(frozen=True, slots=True)
class ReturnIn:
    """Goods that come back: the return's own id, where, and which quantity (in thousandths) of which sold line."""

    id: UUID
    till: UUID
    shift: UUID | None
    quantities: Mapping[UUID, int]
    tenders: tuple[TenderIn, ...]
    body_hash: bytes
    approval: UUID | None = None
    named: Mapping[UUID, Named] = field(default_factory=dict)
    """Which lot or which pieces of a line come back, where somebody read it off them."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What a line took of another product than its own, or with no product nothing; signed as the line is."""

    product: UUID | None
    quantity_milli: int
    unit_cost_micros: int
    cost: int


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of a stored sale; amounts in minor units, below zero where goods came back. net + tax = total.

    `parts` is what left the shelf for it: None the product itself, else these (a kit's parts; a service's is nothing).
    They are kept beside the line, and are not read back with it.
    """

    id: UUID
    position: int
    product: UUID | None
    name: str
    sku: str
    quantity_milli: int
    unit_price: int
    discount: int
    net: int
    tax: int
    total: int
    tax_code: str
    rate_micros: int
    unit_cost_micros: int
    cost: int
    original_sale: UUID | None = None
    original_line: UUID | None = None
    returned_before_milli: int | None = None
    named: Named = NOTHING_NAMED
    """Kept with the stock moves alone."""
    parts: tuple[StoredPart, ...] | None = None
    choices: tuple[Choice, ...] = ()
    note: str = ""
    parent: UUID | None = None
    by_hand: bool = False
    offers: tuple[LineOffer, ...] = ()

    @property
    def quantity(self) -> Decimal:
        """How much, as pages show it."""
        return from_milli(self.quantity_milli)

    @property
    def own_discount(self) -> int:
        """What came off beside the offers."""
        return self.discount - sum(one.amount for one in self.offers)


@dataclass(frozen=True, slots=True)
class StoredTax:
    """Tax of one rate on a stored sale."""

    code: str
    rate_micros: int
    base: int
    tax: int
    parts: tuple[PartTotal, ...] = ()
    """What each part of a tax of several came to; together they are the tax."""


@dataclass(frozen=True, slots=True)
class StoredSale:
    """A sale, a return or a payment on kept goods as it is kept for good: what was charged, paid how, and what was off.

    A payment sells nothing: its sums are 0, and `down` is what it moved on the account of the kept goods.
    """

    id: UUID
    kind: Kind
    store: UUID
    till: UUID
    shift: UUID | None
    after_close: bool
    number: int
    number_clash: int
    original: UUID | None
    customer: str
    occurred_at: datetime
    received_at: datetime
    business_date: date
    local_hour: int
    currency: str
    prices_include_tax: bool
    engine: str
    units_milli: int
    subtotal: int
    tax: int
    total: int
    discount: int
    cash_rounding: int
    claimed_total: int
    cost: int
    cashier_id: UUID | None
    cashier_name: str
    body_hash: bytes
    lines: tuple[StoredLine, ...]
    taxes: tuple[StoredTax, ...]
    tenders: tuple[TenderIn, ...]
    remarks: tuple[Remark, ...]
    fiscal_position: UUID | None = None
    exemption: UUID | None = None
    price_group: str = ""
    age_checked: int | None = None
    layaway: UUID | None = None
    down: int = 0

    def under_clash(self, clash: int, remark: Remark) -> StoredSale:
        """Give the sale under a number that another one has: it keeps it, marked, with a remark."""
        return replace(self, number_clash=clash, remarks=(*self.remarks, remark))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one sale that was sent: stored now, stored before (`replayed`), or not stored and why."""

    id: UUID
    status: Status
    sale: StoredSale | None = None
    errors: Mapping[str, list[str]] | None = None

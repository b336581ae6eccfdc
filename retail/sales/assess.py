"""Working a sale out again: what the till sent and what the shop knows become the sale that is stored; pure.

Nothing that was paid is refused. What differs becomes a remark. Refused is only what is no sale: a till that doesn't
exist, money that doesn't cover the total, figures beyond the range of money.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.kit.clock import business_day, local_hour
from retail.kit.errors import Invalid
from retail.kit.money import MAX_MINOR
from retail.kit.quantity import MILLI, quantity_text
from retail.kit.text import _
from retail.sales.choices import added
from retail.sales.documents import SaleIn, SaleLineIn, StoredLine, StoredSale, StoredTax, TenderIn
from retail.sales.oddities import (
    CASH,
    age_unchecked,
    cut_discounts,
    given_as_change,
    in_few,
    off_the_shelf,
    unknown_tenders,
    words_changed,
)
from retail.sales.remarks import Remark
from retail.sales.rules import PRICING_VERSION, LineIn, OutOfRange, Priced, cash_due, line_cost, price_basket
from retail.sales.taxing import PLAIN, TaxClass, Taxing, Way
from retail.sales.wares import Parts, Ware, explode

NO_PRICES: Final[Mapping[UUID, int]] = {}
MOST_AHEAD: Final = timedelta(minutes=10)
LONG_PAST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""No till sold before this day: such a time is that of a clock that lost its battery."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the business prices and rounds."""

    currency: str
    prices_include_tax: bool
    cash_unit_minor: int


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a sale happened. `shift_known`: the till has this shift; `follows`: the number before is stored.

    `counted_in` is the till's open shift where the sale names one that was never taken in: its drawer has the cash.
    """

    store: UUID
    timezone: str
    day_cutoff_hour: int
    shift_known: bool
    shift_closed: bool
    follows: bool
    counted_in: UUID | None = None


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sends the sales, and when they arrive."""

    id: UUID | None
    name: str
    now: datetime


def assess(
    sale: SaleIn,
    spot: Spot | None,
    wares: Mapping[UUID, Ware],
    *,
    tax_classes: Sequence[TaxClass],
    terms: Terms,
    seller: Seller,
    extra: Sequence[Remark] = (),
    taxing: Taxing = PLAIN,
    choice_prices: Mapping[UUID, int] = NO_PRICES,
) -> StoredSale:
    """Work a sale out with the store's `wares`; `extra` joins its remarks. Raises Invalid for what is no sale.

    `choice_prices` are those of the choices that the catalogue knows.
    """
    if spot is None:
        raise Invalid({"till": [_("We don't know this till.")]})
    known = [wares.get(line.product) if line.product else None for line in sale.lines]
    taken = explode([line.quantity_milli for line in sale.lines], known)
    skewed = not LONG_PAST <= sale.occurred_at <= seller.now + MOST_AHEAD
    told_at = seller.now if skewed else sale.occurred_at  # a wrong clock must not open a business day of its own
    way = taxing.way(sale, business_day(told_at, spot.timezone, 0))
    taxed = [way.tax(_tax_of(line, ware, tax_classes)) for line, ware in zip(sale.lines, known, strict=True)]
    priced = _price(sale, taxed, terms)
    rounding = _rounding(sale, terms)
    _check_covered(sale, rounding)
    lines = tuple(
        _stored_line(at, line, ware, priced, tax, taken[at])
        for at, (line, ware, tax) in enumerate(zip(sale.lines, known, taxed, strict=True))
    )
    cost = sum(line.cost for line in lines)
    if abs(cost) > MAX_MINOR:
        raise Invalid({"lines": [_("These figures are too large to be a sale.")]})
    return StoredSale(
        sale.id,
        "sale",
        spot.store,
        sale.till,
        sale.shift if spot.shift_known else spot.counted_in,
        spot.shift_known and spot.shift_closed,
        sale.number,
        0,
        None,
        sale.customer,
        sale.occurred_at,
        seller.now,
        business_day(told_at, spot.timezone, spot.day_cutoff_hour),
        local_hour(told_at, spot.timezone),
        terms.currency,
        terms.prices_include_tax,
        PRICING_VERSION,
        sum(line.quantity_milli for line in lines),
        priced.subtotal,
        priced.tax,
        priced.total,
        priced.discount,
        rounding,
        sale.total,
        cost,
        seller.id,
        seller.name,
        sale.body_hash,
        lines,
        tuple(
            StoredTax(tax.code, tax.rate_micros, tax.base, tax.tax, taxing.split(tax.code, tax.tax, way.day))
            for tax in priced.taxes
        ),
        sale.tenders,
        (
            *words_changed(sale.altered),
            *way.remarks,
            *_remarks_of_lines(sale, known, way, terms, choice_prices),
            *age_unchecked(sale.lines, known, sale.age_checked),
            *cut_discounts(lines, sale.lines),
            *_remarks_of_sale(sale, spot, priced, rounding, skewed=skewed),
            *extra,
        ),
        way.position,
        way.exemption.id if way.exemption else None,
        sale.price_group,
        sale.age_checked,
        sale.layaway,
    )


def fallback_class(tax_classes: Sequence[TaxClass]) -> TaxClass:
    """Choose the tax of what isn't in the catalogue: the highest rate, so that no tax is left out by accident."""
    return max(tax_classes, key=lambda one: (one.rate_micros, one.code), default=TaxClass("none", 0))


def _tax_of(line: SaleLineIn, ware: Ware | None, tax_classes: Sequence[TaxClass]) -> TaxClass:
    if ware is not None:
        return TaxClass(ware.tax_code, ware.rate_micros)
    return next((one for one in tax_classes if one.code == line.tax_code), fallback_class(tax_classes))


def _price(sale: SaleIn, taxed: Sequence[TaxClass], terms: Terms) -> Priced:
    lines = [
        LineIn(line.id, line.quantity_milli, line.unit_price, line.discount, tax.rate_micros, tax.code)
        for line, tax in zip(sale.lines, taxed, strict=True)
    ]
    try:
        return price_basket(lines, prices_include_tax=terms.prices_include_tax)
    except OutOfRange as cause:
        raise Invalid({"lines": [_("These figures are too large to be a sale.")]}) from cause


def _rounding(sale: SaleIn, terms: Terms) -> int:
    """Find the rounding to coins: as the till says, where a coin can explain it; else as the rules say, if paid so."""
    rule = _rule_rounding(sale, terms)
    if sale.cash_rounding is not None and abs(sale.cash_rounding) < terms.cash_unit_minor:
        return sale.cash_rounding
    return rule if net(sale.tenders) != sale.total else 0


def _rule_rounding(sale: SaleIn, terms: Terms) -> int:
    cash_part = sale.total - sum(tender.net - tender.tip for tender in sale.tenders if tender.type != CASH)
    in_cash = any(tender.type == CASH for tender in sale.tenders)
    if not in_cash or not min(0, sale.total) <= cash_part <= max(0, sale.total):
        return 0
    return cash_due(sale.total, cash_part, terms.cash_unit_minor).rounding


def net(tenders: Sequence[TenderIn]) -> int:
    """Add up what stayed with the shop."""
    return sum(tender.net for tender in tenders)


def _check_covered(sale: SaleIn, rounding: int) -> None:
    if sum(abs(tender.amount) + tender.change for tender in sale.tenders) > MAX_MINOR:
        raise Invalid({"tenders": [_("These figures are too large to be a sale.")]})
    if sale.total > 0 and net(sale.tenders) < sale.total + rounding:
        raise Invalid({"tenders": [_("What was paid does not cover the total.")]})


def _stored_line(  # noqa: PLR0917
    at: int, line: SaleLineIn, ware: Ware | None, priced: Priced, tax: TaxClass, parts: Parts
) -> StoredLine:
    done = priced.lines[at]
    unit_cost = ware.unit_cost_micros if ware else 0
    cost = line_cost(Decimal(unit_cost).scaleb(-6), line.quantity_milli) if unit_cost else 0
    return StoredLine(
        line.id,
        at + 1,
        ware.id if ware else None,
        ware.name if ware else _name_of(line),
        ware.sku if ware else "",
        line.quantity_milli,
        line.unit_price,
        done.discount,
        done.net,
        done.tax,
        done.gross,
        tax.code,
        tax.rate_micros,
        unit_cost,
        cost if parts is None else sum(one.cost for one in parts),
        named=line.named,
        parts=parts,
        choices=line.choices,
        note=line.note,
        parent=line.parent,
        by_hand=line.by_hand,
    )


def _name_of(line: SaleLineIn) -> str:
    """Name what isn't in the catalogue; an id says nothing to who reads the receipt."""
    return line.name or _("Unknown article")


def _remarks_of_lines(
    sale: SaleIn,
    known: Sequence[Ware | None],
    way: Way,
    terms: Terms,
    choice_prices: Mapping[UUID, int],
) -> list[Remark]:
    remarks = []
    for line, ware in zip(sale.lines, known, strict=True):
        if ware is None:
            if line.product is not None:
                facts = {"line": str(line.id), "product": str(line.product), "name": in_few(_name_of(line))}
                remarks.append(Remark("unknown_product", facts))
            continue
        about = {"line": str(line.id), "product": str(ware.id), "name": ware.name}
        if ware.archived and line.id not in sale.agreed:
            remarks.append(Remark("product_archived", about, ware.id))
        if ware.by_piece and line.quantity_milli % MILLI:
            remarks.append(Remark("part_of_piece", {**about, "quantity": quantity_text(line.quantity_milli)}, ware.id))
        own = TaxClass(ware.tax_code, ware.rate_micros)
        more = added(line.choices, choice_prices)
        listed = way.price(max(0, ware.price + more), own, prices_include_tax=terms.prices_include_tax)
        by_hand = (
            bool(sale.why) and line.list_price == listed
        )  # whether they may is asked where approvals are (allowance)
        if line.unit_price != listed and not ware.open_price and not by_hand and line.id not in sale.agreed:
            asked = {"charged": line.unit_price, "listed": listed} | ({"extra": more} if more else {})
            remarks.append(Remark("price_changed", {**about, **asked}, ware.id))
        remarks += off_the_shelf(ware, line)
    return remarks


def _remarks_of_sale(sale: SaleIn, spot: Spot, priced: Priced, rounding: int, *, skewed: bool) -> list[Remark]:
    remarks = []
    if spot.counted_in is not None:
        remarks.append(Remark("other_shift", {"shift": str(sale.shift)}))
    elif not spot.shift_known:
        remarks.append(Remark("unknown_shift", {"shift": str(sale.shift) if sale.shift else None}))
    elif spot.shift_closed:
        remarks.append(Remark("shift_closed", {"shift": str(sale.shift)}))
    if priced.total != sale.total:
        remarks.append(Remark("total_mismatch", {"claimed": sale.total, "computed": priced.total}))
    paid, due = net(sale.tenders), sale.total + rounding + sum(tender.tip for tender in sale.tenders)
    if paid != due:
        remarks.append(Remark("tender_mismatch", {"paid": paid, "due": due}))
    remarks += [*unknown_tenders(sale.tenders), *given_as_change(sale.tenders)]
    if skewed:
        remarks.append(Remark("clock_skew", {"occurred_at": sale.occurred_at.isoformat()}))
    return remarks

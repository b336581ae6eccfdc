"""What a return gives back: docs/algorithms/pricing.md, section 6, as a document of its own; pure."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from retail.catalog.taxes.rules import PartTotal, returned
from retail.kit.clock import business_day, local_hour
from retail.kit.errors import Invalid
from retail.kit.money import currency, format_money, mul_div
from retail.kit.quantity import MILLI, from_milli
from retail.kit.text import _
from retail.sales.assess import Seller, net
from retail.sales.documents import ReturnIn, StoredLine, StoredPart, StoredSale, StoredTax, TenderIn
from retail.sales.errors import OverReturned
from retail.sales.oddities import CASH, unknown_tenders
from retail.sales.rules import (
    PRICING_VERSION,
    OverReturn,
    Priced,
    PricedLine,
    SoldLine,
    TaxTotal,
    return_cash,
    return_lines,
)
from retail.sales.sale_json import Money
from retail.sales.wares import back as back_on_shelf
from retail.stock.rules import NOTHING_NAMED, Named


@dataclass(frozen=True, slots=True)
class Desk:
    """Where goods are taken back, in which shift, and how amounts are written there."""

    till: UUID
    store: UUID
    timezone: str
    day_cutoff_hour: int
    cash_unit_minor: int
    shift: UUID
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Refund:
    """A return that has been worked out.

    `standing` is how much of each line was back before, in thousandths; `paid_before` what was paid back before, in
    minor units above zero; `method` is how money goes out where the return doesn't say; `parts` is what each line
    took from the shelf where that wasn't its own product; `parts_back` is what came back before of each part of a tax,
    by its code and rate, at or below zero.
    """

    back: ReturnIn
    sold: StoredSale
    standing: Mapping[UUID, int]
    priced: Priced
    paid_before: int
    method: str = CASH
    named: Mapping[UUID, Named] = field(default_factory=dict)
    parts: Mapping[UUID, tuple[StoredPart, ...]] = field(default_factory=dict)
    parts_back: Mapping[tuple[str, int], Sequence[int]] = field(default_factory=dict)


def with_deposits(
    sold: StoredSale, standing: Mapping[UUID, int], quantities: Mapping[UUID, int], named: Collection[UUID] = ()
) -> dict[UUID, int]:
    """Add to what comes back the lines that go with it, such as a bottle's deposit, but those that are `named`.

    As much of them as of their line, at most what is left. All quantities are in thousandths.
    """
    found = dict(quantities)
    for line in sold.lines:
        of = next((one for one in sold.lines if one.id == line.parent), None)
        if of is None or line.id in {*named, *quantities} or of.id not in quantities:
            continue
        share = mul_div(line.quantity_milli, quantities[of.id], of.quantity_milli) if of.quantity_milli else 0
        whole = share - share % MILLI if share < line.quantity_milli else share
        left = line.quantity_milli - standing.get(line.id, 0)
        if min(whole, left) > 0:
            found[line.id] = min(whole, left)
    return found


def work_out(
    sold: StoredSale, standing: Mapping[UUID, int], quantities: Mapping[UUID, int], pieces: Collection[UUID] = ()
) -> Priced:
    """Work out what some of a sale's lines give back; all figures are below zero. Raises OverReturned, Invalid.

    `pieces` are products that are sold by the piece: whole ones come back, or all that is left where a part was sold.
    """
    lines = {line.id: line for line in sold.lines}
    wanted: dict[Hashable, int] = {}
    for at, (id, milli) in enumerate(quantities.items()):
        wanted[id] = milli
        line = lines.get(id)
        if line is None:
            raise Invalid({"lines": [_("This line is not on the sale.")]})
        left = max(line.quantity_milli - standing.get(id, 0), 0)
        if milli > left:
            raise OverReturned(id, from_milli(left))
        if milli % MILLI and milli != left and line.product in pieces:
            said = _("%(name)s is sold by the piece. Type a whole number.") % {"name": line.name}
            raise Invalid({f"lines.{at}.quantity": [said]})
    try:
        return return_lines(
            [_sold_line(line, standing.get(line.id, 0), with_tax=sold.prices_include_tax) for line in sold.lines],
            wanted,
            prices_include_tax=sold.prices_include_tax,
        )
    except OverReturn as cause:
        raise OverReturned(next(iter(quantities)), from_milli(0)) from cause


def document(refund: Refund, desk: Desk, number: int, seller: Seller) -> StoredSale:
    """Write the return that is stored; its amounts, units and tenders are below zero. Raises Invalid."""
    back, sold, priced = refund.back, refund.sold, refund.priced
    gross = -priced.total
    asked = back.tenders or ((TenderIn(refund.method, gross),) if refund.method != CASH and gross else ())
    tenders, rounding = pay_out(
        asked,
        gross,
        refund.paid_before,
        desk.cash_unit_minor,
        lambda minor: format_money(minor, currency(sold.currency), desk.locale),
    )
    of = {line.id: line for line in sold.lines}
    lines = tuple(_line(at, line, of, refund) for at, line in enumerate(priced.lines, start=1))
    return StoredSale(
        id=back.id,
        kind="return",
        store=desk.store,
        till=desk.till,
        shift=desk.shift,
        after_close=False,
        number=number,
        number_clash=0,
        original=sold.id,
        customer=sold.customer,
        occurred_at=seller.now,
        received_at=seller.now,
        business_date=business_day(seller.now, desk.timezone, desk.day_cutoff_hour),
        local_hour=local_hour(seller.now, desk.timezone),
        currency=sold.currency,
        prices_include_tax=sold.prices_include_tax,
        engine=PRICING_VERSION,
        units_milli=sum(line.quantity_milli for line in lines),
        subtotal=priced.subtotal,
        tax=priced.tax,
        total=priced.total,
        discount=priced.discount,
        cash_rounding=rounding,
        claimed_total=priced.total,
        cost=sum(line.cost for line in lines),
        cashier_id=seller.id,
        cashier_name=seller.name,
        body_hash=back.body_hash,
        lines=lines,
        taxes=tuple(_tax(tax, refund) for tax in priced.taxes),
        tenders=tenders,
        remarks=tuple(unknown_tenders(tenders)),
        fiscal_position=sold.fiscal_position,
        exemption=sold.exemption,
        price_group=sold.price_group,
    )


def _tax(tax: TaxTotal, refund: Refund) -> StoredTax:
    """Share what comes back of a tax over its parts, so that all that ever comes back of each is what was sold."""
    sold = next((one for one in refund.sold.taxes if (one.code, one.rate_micros) == (tax.code, tax.rate_micros)), None)
    parts: tuple[PartTotal, ...] = ()
    if sold is not None and sold.parts:
        before = refund.parts_back.get((tax.code, tax.rate_micros)) or [0] * len(sold.parts)
        parts = tuple(returned(sold.parts, before, tax.tax))
    return StoredTax(tax.code, tax.rate_micros, tax.base, tax.tax, parts)


def _line(at: int, line: PricedLine, of: Mapping[UUID, StoredLine], refund: Refund) -> StoredLine:
    if not isinstance(line.id, UUID):
        raise TypeError("a stored line's id is a UUID")
    was = of[line.id]
    return StoredLine(
        was.id, at, was.product, was.name, was.sku, line.quantity_milli, line.unit_price, line.discount, line.net,
        line.tax, line.gross, line.tax_code, line.rate_micros, was.unit_cost_micros, line.cost, refund.sold.id, was.id,
        refund.standing.get(was.id, 0), refund.named.get(was.id, NOTHING_NAMED),
        back_on_shelf(refund.parts.get(was.id), was.quantity_milli, refund.standing.get(was.id, 0),
                      -line.quantity_milli),
        was.choices, "", was.parent if was.parent in refund.back.quantities else None,
    )  # fmt: skip


def _sold_line(line: StoredLine, returned_milli: int, *, with_tax: bool) -> SoldLine:
    charged = line.total if with_tax else line.net
    return SoldLine(
        line.id, line.quantity_milli, line.unit_price, charged + line.discount, line.discount, line.tax,
        line.rate_micros, line.tax_code, line.cost, returned_milli,
    )  # fmt: skip


def pay_out(
    tenders: Sequence[TenderIn], gross: int, paid_before: int, cash_unit_minor: int, money: Money = str
) -> tuple[tuple[TenderIn, ...], int]:
    """Decide how a return of `gross` (above zero) is paid out, and the rounding to coins that it carries.

    Gives the tenders below zero. Raises Invalid, with the right amount written by `money`, where another one would be
    paid out than is due.
    """
    in_cash = all(tender.type == CASH for tender in tenders)
    due = return_cash(paid_before, paid_before + gross, cash_unit_minor) if in_cash else gross
    wanted = tuple(tenders) or ((TenderIn(CASH, due),) if due else ())
    if net(wanted) != due:
        raise Invalid(
            {"tenders": [_("The refund is %(due)s. What is paid out must come to exactly that.") % {"due": money(due)}]}
        )
    return tuple(TenderIn(one.type, -one.amount, 0, one.reference) for one in wanted), gross - due

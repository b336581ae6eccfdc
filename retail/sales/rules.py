"""Pricing: docs/algorithms/pricing.md, exactly and nothing else. kiosk/till/pricing.js is its twin.

Amounts are whole minor units, quantities whole thousandths, rates millionths. All pure; on the path of every sale.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from retail.kit.money import MAX_MINOR, allocate, mul_div
from retail.kit.quantity import MILLI

PRICING_VERSION = "1"

MILLION = 1_000_000
MAX_RATE_MICROS = 5_000_000


class OutOfRange(ValueError):
    """An amount above 10**15 minor units, or a rate outside 0 to 500 %: an answer might not survive JSON."""


class OverReturn(ValueError):
    """More would come back than was sold, or nothing, or the line was a return itself."""


@dataclass(frozen=True, slots=True)
class LineIn:
    """A line to be priced. A negative quantity comes back, and its discount is negative too."""

    id: Hashable
    quantity_milli: int
    unit_price: int
    discount: int
    rate_micros: int
    tax_code: str


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its figures: amount - discount is net or gross, as the price list says; net + tax = gross."""

    id: Hashable
    quantity_milli: int
    unit_price: int
    amount: int
    discount: int
    net: int
    tax: int
    gross: int
    rate_micros: int
    tax_code: str
    cost: int = 0


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """The tax of one rate: `base` is without tax."""

    code: str
    rate_micros: int
    base: int
    tax: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A priced document: subtotal (all net) + tax = total (all gross); lines in the order they came."""

    lines: tuple[PricedLine, ...]
    taxes: tuple[TaxTotal, ...]
    amount: int
    discount: int
    subtotal: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class CashDue:
    """What is paid in cash after rounding, the rounding itself, and what the whole document then costs."""

    cash: int
    rounding: int
    due: int


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line as it was stored with its sale, and how much of it has come back so far."""

    id: Hashable
    quantity_milli: int
    unit_price: int
    amount: int
    discount: int
    tax: int
    rate_micros: int
    tax_code: str
    cost: int = 0
    returned_milli: int = 0


def price_basket(lines: Sequence[LineIn], *, prices_include_tax: bool, basket_discount: int = 0) -> Priced:
    """Price a basket: pricing.md, section 2. Raises OutOfRange; every basket within the range has a price."""
    amounts = [mul_div(line.quantity_milli, line.unit_price, MILLI) for line in lines]
    _check_range(lines, amounts)
    charged = [
        amount - (min(max(line.discount, 0), amount) if amount >= 0 else max(min(line.discount, 0), amount))
        for line, amount in zip(lines, amounts, strict=True)
    ]
    if basket_discount:
        _take_off(charged, basket_discount)
    taxes = _taxes(lines, charged, prices_include_tax=prices_include_tax)
    return _document(
        PricedLine(
            line.id,
            line.quantity_milli,
            line.unit_price,
            amount,
            amount - charge,
            charge - tax if prices_include_tax else charge,
            tax,
            charge if prices_include_tax else charge + tax,
            line.rate_micros,
            line.tax_code,
        )
        for line, amount, charge, tax in zip(lines, amounts, charged, taxes, strict=True)
    )


def cash_due(total: int, cash_part: int, unit: int) -> CashDue:
    """Round the part that settles a document in cash to the smallest coin: pricing.md, section 5.

    `cash_part` lies between 0 and `total`; both are negative when money is paid out.
    """
    if not min(0, total) <= cash_part <= max(0, total):
        raise ValueError("the cash part is not a part of the total")
    cash = unit * mul_div(cash_part, 1, unit)
    return CashDue(cash, cash - cash_part, total + cash - cash_part)


def return_cash(paid_back_before: int, paid_back_after: int, unit: int) -> int:
    """Say what a return pays out in coins, so that all returns together pay out the sale's rounded cash.

    Both arguments are the exact gross of all returns of the sale, without and with this one, as positive amounts.
    """
    return unit * (mul_div(paid_back_after, 1, unit) - mul_div(paid_back_before, 1, unit))


def return_lines(sold: Sequence[SoldLine], quantities: Mapping[Hashable, int], *, prices_include_tax: bool) -> Priced:
    """Work out a return of some of a sale's lines: pricing.md, section 6. All figures of the answer are negative.

    `quantities` maps a line's id to the thousandths that come back now. Raises OverReturn, also for an unknown line.
    """
    known = {line.id: line for line in sold}
    if not quantities or not known.keys() >= quantities.keys():
        raise OverReturn
    return _document(
        _piece(line, quantities[line.id], prices_include_tax=prices_include_tax)
        for line in sold
        if line.id in quantities
    )


def line_cost(unit_cost: Decimal, quantity_milli: int) -> int:
    """Cost of goods of a line in minor units; `unit_cost` is in minor units, with at most six decimals."""
    micros = unit_cost.scaleb(6)
    if micros != micros.to_integral_value():
        raise ValueError("a unit cost has at most six decimals")
    return mul_div(int(micros), quantity_milli, MILLION * MILLI)


def _check_range(lines: Sequence[LineIn], amounts: Iterable[int]) -> None:
    if sum(map(abs, amounts)) > MAX_MINOR:
        raise OutOfRange
    for line in lines:
        if not (0 <= line.rate_micros <= MAX_RATE_MICROS and -MAX_MINOR <= line.unit_price <= MAX_MINOR):
            raise OutOfRange


def _take_off(charged: list[int], basket_discount: int) -> None:
    """Share the basket discount over the charges of its own sign, and never more than they are."""
    side = 1 if basket_discount > 0 else -1
    weights = [max(0, side * charge) for charge in charged]
    shares = allocate(min(side * basket_discount, sum(weights)), weights)
    charged[:] = [charge - side * share for charge, share in zip(charged, shares, strict=True)]


def _taxes(lines: Sequence[LineIn], charged: Sequence[int], *, prices_include_tax: bool) -> list[int]:
    """Give each line its tax: rounded once per rate, shared out by the lines' own exact tax."""
    groups: dict[tuple[str, int], list[int]] = {}
    for index, line in enumerate(lines):
        groups.setdefault((line.tax_code, line.rate_micros), []).append(index)
    taxes = [0] * len(lines)
    for (_, rate), members in groups.items():
        if rate:
            whole = MILLION + rate if prices_include_tax else MILLION
            for index, tax in zip(members, _share_tax([charged[i] for i in members], rate, whole), strict=True):
                taxes[index] = tax
    return taxes


def _share_tax(charged: Sequence[int], rate: int, whole: int) -> list[int]:
    """Round the tax rate/whole of all charges together, and share it so that each is rounded down or up."""
    side = sum(charged) or next(filter(None, charged), 0)
    if side < 0:  # the mirror image, so that a return undoes its sale to the last unit
        return [-tax for tax in _share_tax([-charge for charge in charged], rate, whole)]
    taxes = []
    remainders = []
    for charge in charged:
        tax, remainder = divmod(charge * rate, whole)
        taxes.append(tax)
        remainders.append(-remainder)
    left = mul_div(-sum(remainders), 1, whole)
    if left:
        for index in sorted(range(len(taxes)), key=remainders.__getitem__)[:left]:
            taxes[index] += 1
    return taxes


def _standing(line: SoldLine, quantity_milli: int) -> tuple[int, int, int, int]:
    """Say what a line has given back once `quantity_milli` of it is back: amount, charged, tax, cost."""
    amount = mul_div(line.amount, quantity_milli, line.quantity_milli)
    charged = amount - (mul_div(amount, line.discount, line.amount) if line.amount else 0)
    full = line.amount - line.discount
    tax = mul_div(charged, line.tax, full) if full else 0
    return amount, charged, tax, mul_div(line.cost, quantity_milli, line.quantity_milli)


def _piece(line: SoldLine, quantity_milli: int, *, prices_include_tax: bool) -> PricedLine:
    after = line.returned_milli + quantity_milli
    if line.amount < 0 or not 0 <= line.returned_milli < after <= line.quantity_milli:
        raise OverReturn
    amount, charged, tax, cost = (
        before - now for before, now in zip(_standing(line, line.returned_milli), _standing(line, after), strict=True)
    )
    net, gross = (charged - tax, charged) if prices_include_tax else (charged, charged + tax)
    return PricedLine(
        line.id, -quantity_milli, line.unit_price, amount, amount - charged, net, tax, gross,
        line.rate_micros, line.tax_code, cost,
    )  # fmt: skip


def _document(lines: Iterable[PricedLine]) -> Priced:
    """Add up finished lines; nothing is rounded here."""
    listed = tuple(lines)
    groups: dict[tuple[str, int], list[int]] = {}
    amount = discount = 0
    for line in listed:
        amount += line.amount
        discount += line.discount
        group = groups.setdefault((line.tax_code, line.rate_micros), [0, 0])
        group[0] += line.net
        group[1] += line.tax
    subtotal = sum(base for base, _ in groups.values())
    tax = sum(tax for _, tax in groups.values())
    taxes = tuple(TaxTotal(code, rate, base, tax) for (code, rate), (base, tax) in groups.items())
    return Priced(listed, taxes, amount, discount, subtotal, tax, subtotal + tax)

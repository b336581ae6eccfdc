"""From the product form to a draft."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from retail.catalog.operations import Draft
from retail.catalog.products.forms import Known, read_traits
from retail.catalog.rules import COST_DECIMALS, MEASURED, UNITS, barcode_problem
from retail.kit.money import Currency, currency
from retail.kit.quantity import Ambiguous, is_plain, plain_number
from retail.kit.text import _
from retail.runtime.web.forms import Fields

MOST_PRICE_MINOR = 100_000_000
MOST_BARCODES = 20


def draft(
    fields: Fields,
    id: UUID,
    currency_code: str,
    *,
    tax_classes: Collection[UUID],
    categories: Collection[UUID],
    known: Known,
) -> Draft:
    """Read the whole form. Raises Invalid with a sentence per field."""
    money = currency(currency_code)
    decimals = 3 if fields.choice("unit", UNITS) in MEASURED else 0
    reorder = fields.quantity("reorder_point", required=False)
    made = Draft(
        id=id,
        sku=fields.text("sku", 60),
        name=fields.text("name", 160, required=True),
        tax_class=_one_of(fields, "tax_class", tax_classes) or UUID(int=0),
        price_minor=fields.money("price", money, most=MOST_PRICE_MINOR),
        category=_one_of(fields, "category", categories, required=False),
        barcodes=_barcodes(fields),
        unit=fields.raw("unit"),
        decimals=decimals,
        unit_cost=exact_cost(fields, "unit_cost", money) or Decimal(0),
        reorder_point=reorder if fields.raw("reorder_point").strip() else None,
        favourite=fields.flag("favourite"),
        traits=read_traits(fields, known),
    )
    if reorder < 0:
        fields.error("reorder_point", _("This can't be below zero."))
    fields.check()
    return made


def _one_of(fields: Fields, name: str, known: Collection[UUID], *, required: bool = True) -> UUID | None:
    picked = fields.uuid(name, required=required)
    if picked is not None and picked not in known:
        fields.error(name, _("Pick one from the list."))
        return None
    return picked


def exact_cost(fields: Fields, name: str, money: Currency) -> Decimal | None:
    """Read what one unit costs, typed in the currency's own units with finer parts than a price, in minor units.

    None where it is empty or wrong.
    """
    written = fields.text(name, 20)
    if not written:
        return None
    try:
        typed = plain_number(written, fields.locale)
    except Ambiguous as either:
        fields.error(name, str(either))
        return None
    whole, _point, part = typed.partition(".")
    if is_plain(typed) and typed.startswith("-"):
        fields.error(name, _("This can't be below zero."))
        return None
    if not is_plain(typed) or len(whole) > 9:
        fields.error(name, _("Type an amount such as 1.25."))
        return None
    if len(part) > money.exponent + COST_DECIMALS:
        fields.error(name, _("Use at most %(most)d decimals.") % {"most": money.exponent + COST_DECIMALS})
        return None
    return Decimal(typed).scaleb(money.exponent)


def _barcodes(fields: Fields) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(fields.text("barcodes", 1200).split()))
    if len(codes) > MOST_BARCODES:
        fields.error("barcodes", _("Use at most %(most)d barcodes.") % {"most": MOST_BARCODES})
    for code in codes[:MOST_BARCODES]:
        problem = barcode_problem(code)
        if problem:
            fields.error("barcodes", problem)
    return codes[:MOST_BARCODES]

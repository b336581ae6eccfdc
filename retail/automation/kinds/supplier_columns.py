"""The columns of files of suppliers, and of what they sell: for reading, writing, mapping and the page about them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from retail.automation.cells import FLAG, QUANTITY, NotRead, Sort, Ways, choice, text, whole
from retail.automation.columns import Column, said
from retail.automation.kinds.product_columns import BARCODE, SKU
from retail.catalog.suppliers.rules import LENGTHS, LONGEST_LEAD, SUPPLIER_SKU_LENGTH
from retail.kit.quantity import is_plain
from retail.kit.text import _
from retail.tenants.countries import CURRENCIES

_MOST: Final = Decimal(10**10)


def _read_amount(cell: str, _ways: Ways) -> Decimal:
    """Read an amount in whatever currency the supplier has, in that currency's own units."""
    figure = cell.strip().replace(",", ".")
    if len(figure) > 30 or not is_plain(figure):
        raise NotRead(_("This is not a number. Write plain digits, such as 12.5."))
    value = Decimal(figure)
    if not 0 <= value <= _MOST:
        raise NotRead(_("Type an amount of zero or more, or leave it empty."))
    return value


def _write_amount(value: Decimal, _ways: Ways) -> str:
    return f"{value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize():f}"


AMOUNT: Final = Sort(_read_amount, _write_amount, None, number=True, shared=True)
_LEAD: Final = whole(0, LONGEST_LEAD)

SUPPLIERS: Final[tuple[Column, ...]] = (
    Column(
        "code", said("Code"), text(LENGTHS["code"]), said("Your own short name or number for it."),
        ("supplier code", "supplier number", "supplier no", "vendor code", "vendor number", "lieferantennummer"),
    ),
    Column(
        "name", said("Name"), text(LENGTHS["name"]), said("Each supplier has its own."),
        ("supplier", "supplier name", "vendor", "vendor name", "company", "lieferant", "fournisseur"), needed=True,
    ),
    Column("email", said("E-mail"), text(LENGTHS["email"]), said("Where orders go."), ("e mail", "mail")),
    Column("phone", said("Phone"), text(LENGTHS["phone"]), said("As you dial it."), ("telephone", "tel", "telefon")),
    Column(
        "website", said("Website"), text(LENGTHS["website"]), said("Such as www.example.com."),
        ("web", "url", "homepage"),
    ),
    Column(
        "address", said("Address"), text(LENGTHS["address"], lines=True), said("With its lines, if you like."),
        ("adresse", "anschrift"),
    ),
    Column(
        "currency", said("Currency"), choice(*CURRENCIES),
        said("The code of the currency of its costs, such as EUR; a new supplier without one has yours."), ("wahrung",),
    ),
    Column(
        "lead_days", said("Lead time"), _LEAD, said("Days from the order to the goods."),
        ("lead time", "lead time days", "delivery time", "delivery days", "lieferzeit"),
    ),
    Column(
        "min_order", said("Least order"), AMOUNT, said("What an order must come to, in the supplier's currency."),
        ("minimum order", "minimum order value", "min order value", "mindestbestellwert"),
    ),
    Column(
        "payment_terms", said("Payment terms"), text(LENGTHS["payment_terms"]), said("Such as 30 days."),
        ("terms", "zahlungsziel"),
    ),
    Column(
        "notes", said("Notes"), text(LENGTHS["notes"], lines=True), said("For yourselves."),
        ("note", "comment", "comments", "remark", "remarks"),
    ),
)  # fmt: skip
SUPPLIES: Final[tuple[Column, ...]] = (
    replace(SKU, hint=said("The article's own number.")),
    BARCODE,
    Column("name", said("Name"), text(160), said("Only for you to read; it changes nothing."), key=True),
    Column(
        "supplier", said("Supplier"), text(LENGTHS["name"]), said("The supplier's code or name."),
        ("supplier code", "supplier name", "vendor", "vendor code", "lieferant"), needed=True,
    ),
    Column(
        "supplier_sku", said("Its number"), text(SUPPLIER_SKU_LENGTH), said("What the supplier calls the product."),
        ("supplier product code", "supplier item number", "supplier article number", "vendor sku", "order number",
         "bestellnummer"),
    ),
    Column(
        "pack_quantity", said("Pack"), QUANTITY, said("How many come in one pack."),
        ("pack", "pack size", "case size", "units per pack", "inner", "gebinde"),
    ),
    Column(
        "cost", said("Cost of one"), AMOUNT, said("For one unit, not for a pack, in the supplier's currency."),
        ("unit cost", "cost price", "purchase price", "einkaufspreis", "ek"), cost=True,
    ),
    Column(
        "min_order_quantity", said("At least"), QUANTITY, said("The least that is sold at once."),
        ("minimum order quantity", "moq", "min quantity", "mindestmenge"),
    ),
    Column(
        "lead_days", said("Lead time"), _LEAD,
        said("Days from the order to the goods, where this product's differ from the supplier's."),
        ("lead time", "lead time days", "delivery time", "lieferzeit"),
    ),
    Column(
        "preferred", said("Preferred"), FLAG, said("yes: the product is usually bought here; one supplier at most."),
        ("default", "default supplier", "main supplier", "primary"),
    ),
)  # fmt: skip

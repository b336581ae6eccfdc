"""The demo's suppliers: who brings which shelf's goods, in which packs and how fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from retail.catalog.suppliers.operations import add_supplier, lock_suppliers
from retail.catalog.suppliers.rules import Supplier, Supply
from retail.catalog.suppliers.supplies import put_supplies
from retail.demo.goods import SHELVES
from retail.demo.premises import Premises
from retail.kit.ids import new_id
from retail.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Seller:
    """A supplier with the shelves that it fills; `pack` of what is sold by the piece, `crate` in kilograms."""

    of: Supplier
    shelves: tuple[str, ...]
    pack: int
    crate: int = 5


SELLERS: Final = (
    Seller(
        Supplier(
            "Nordmühle Bakery", "EUR", "NMB", "orders@nordmuehle.example", "040 555 0110", "https://nordmuehle.example",
            "Mühlenkamp 12\n22303 Hamburg", 1, 2_500, "14 days", "Delivers before six in the morning.",
        ),
        ("Bakery",), 10,
    ),
    Seller(
        Supplier(
            "Alster Dairy", "EUR", "ALD", "orders@alsterdairy.example", "040 555 0120", "https://alsterdairy.example",
            "Hafenweg 3\n20457 Hamburg", 2, 10_000, "30 days", "Crates are returned with the next delivery.",
        ),
        ("Dairy",), 6,
    ),
    Seller(
        Supplier(
            "Elbe Fresh Market", "EUR", "EFM", "counter@elbefresh.example", "040 555 0130", "", "Großmarkt, hall 4", 1,
            None, "On delivery",
        ),
        ("Fruit & veg",), 8,
    ),
    Seller(
        Supplier(
            "Hansa Wholesale", "EUR", "HAN", "sales@hansawholesale.example", "040 555 0140",
            "https://hansawholesale.example", "Speicherstraße 40\n20457 Hamburg", 4, 25_000, "2 % within 10 days",
        ),
        (), 12,
    ),
    Seller(
        Supplier(
            "Jura Fine Foods", "CHF", "JFF", "export@jurafinefoods.example", "", "https://jurafinefoods.example",
            "Rue du Lac 8\n2502 Biel", 9, 40_000, "30 days", "Asks for an order by Tuesday.",
        ),
        (), 6,
    ),
)  # fmt: skip
_WHOLESALE: Final = SELLERS[3]
_SECOND: Final = SELLERS[4]
_SECOND_EVERY: Final = 9


async def take_on_sellers(tx: Tx, premises: Premises) -> None:
    """Add the suppliers and say what each sells: every article has a preferred one, some a second."""
    ids = {one.of.name: new_id() for one in SELLERS}
    for one in SELLERS:
        await add_supplier(tx, ids[one.of.name], one.of)
    by_shelf = {name: one for one in SELLERS for name in one.shelves}
    supplies = []
    for place, (product, article) in enumerate(zip(premises.ids, premises.articles, strict=True)):
        usual = by_shelf.get(SHELVES[article.shelf].name, _WHOLESALE)
        pack = Decimal(usual.pack if article.unit == "each" else usual.crate)
        first = Supply(
            product, ids[usual.of.name], f"{usual.of.code}-{10_000 + place}", pack, article.unit_cost, pack,
            preferred=True,
        )  # fmt: skip
        supplies.append(first)
        if usual is _WHOLESALE and place % _SECOND_EVERY == 0:
            cost = (article.unit_cost * Decimal("1.04")).quantize(Decimal(1))
            number = f"{_SECOND.of.code}{place:04d}"
            supplies.append(
                replace(first, supplier=ids[_SECOND.of.name], supplier_sku=number, cost=cost, preferred=False)
            )
    await lock_suppliers(tx)
    await put_supplies(tx, supplies)

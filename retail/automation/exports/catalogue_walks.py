"""Lists of the catalogue that go out as their pages show them: its groups, price lists with their prices, changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from retail.automation.columns import said
from retail.automation.exports.walking import Col, Walk, Walked, at_once
from retail.catalog import queries as catalog
from retail.catalog.changes import looking
from retail.catalog.labels import shelf
from retail.catalog.prices import batches, history, reading
from retail.catalog.products import families, modifiers
from retail.catalog.taxes import keeping
from retail.identity.permissions import EDIT_CATALOGUE, PRINT_LABELS, VIEW_CATALOGUE
from retail.kit.money import currency, major
from retail.kit.paging import Page
from retail.runtime.db import Read
from retail.runtime.web.asked import Asked
from retail.tenants import queries as tenants

AT_ONCE: Final = 500
_ALL: Final = 10_000
_LISTED_PRICES: Final = """
SELECT l.id AS list, l.name AS list_name, l.currency, p.sku, p.name, i.min_quantity, i.price_minor
  FROM list_price i
  JOIN price_list l ON l.tenant_id = $1 AND l.id = i.list_id
  JOIN product p ON p.tenant_id = $1 AND p.id = i.product_id
 WHERE i.tenant_id = $1 AND ($2::uuid IS NULL OR i.list_id = $2) AND l.archived_at IS NULL
 ORDER BY l.priority DESC, lower(l.name), l.id, p.sku, i.min_quantity"""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A category with the names of what it lies in."""

    of: catalog.CategoryFacts
    path: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """One thing to choose of a group."""

    group: modifiers.Group
    of: modifiers.Modifier


@dataclass(frozen=True, slots=True)
class _Priced:
    """A price of a list, in the list's own money."""

    list_name: str
    currency: str
    sku: str
    name: str
    min_quantity: Decimal
    price: str


async def _categories(read: Read, _asked: Asked) -> Walk:
    async def found() -> Sequence[_Placed]:
        placed: dict[Any, _Placed] = {}
        for one in await catalog.categories(read):
            above = placed.get(one.parent)
            placed[one.id] = _Placed(one, f"{above.path} > {one.name}" if above else one.name)
        return list(placed.values())

    return at_once(found)


async def _choices(read: Read, _asked: Asked) -> Walk:
    async def found() -> Sequence[_Choice]:
        return [_Choice(group, one) for group in await modifiers.groups(read) for one in group.modifiers]

    return at_once(found)


async def _families(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: families.families(read))


async def _taxes(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: catalog.tax_classes(read))


async def _exemptions(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: keeping.exemptions(read))


async def _rates(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: reading.rates(read))


async def _price_lists(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: reading.price_lists(read))


async def _list_prices(read: Read, asked: Asked) -> Walk:
    one = asked.uuid("price_list", required=False)

    async def found() -> Sequence[_Priced]:
        rows = await read.fetch(_LISTED_PRICES, read.tenant, one)
        return [
            _Priced(
                row["list_name"], row["currency"], row["sku"], row["name"], row["min_quantity"],
                f"{major(row['price_minor'], currency(row['currency'])):f}",
            )
            for row in rows
        ]  # fmt: skip

    return at_once(found)


async def _price_changes(read: Read, asked: Asked) -> Walk:
    waiting = asked.option("show", ("waiting",)) == "waiting"
    batch = asked.uuid("batch", required=False)
    return lambda after: history.changes(read, limit=AT_ONCE, after=after, waiting=waiting, batch=batch)


async def _batches(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: batches.batches(read, _ALL))


async def _bulk(read: Read, _asked: Asked) -> Walk:
    return at_once(lambda: looking.changes(read, _ALL))


async def _labels(read: Read, asked: Asked) -> Walk:
    stores = [one for one in await tenants.stores(read) if one.archived_at is None]
    wanted = asked.one_of("store", {one.id for one in stores})
    store = wanted or (stores[0].id if stores else None)

    async def walk(after: str | None) -> Page[shelf.Due]:
        if store is None:
            return Page([], None)
        return await shelf.due(read, store, limit=AT_ONCE, after=after)

    return walk


CATALOGUE: Final[dict[str, Walked]] = {
    "categories": Walked(
        said("Categories"), EDIT_CATALOGUE,
        (Col("category", at="path"), Col("name", at="of.name"), Col("hue", "plain", "of.hue"),
         Col("position", "plain", "of.position"), Col("depth", "plain", "of.depth")),
        _categories,
    ),
    "families": Walked(
        said("Families"), EDIT_CATALOGUE,
        (Col("name"), Col("options", "words"), Col("variants", "plain"), Col("lowest_price", "money", "least_minor"),
         Col("highest_price", "money", "most_minor")),
        _families,
    ),
    "choices": Walked(
        said("Choices at the till"), EDIT_CATALOGUE,
        (Col("choice", at="group.name"), Col("least", "plain", "group.least"), Col("most", "plain", "group.most"),
         Col("products", "plain", "group.used"), Col("name", at="of.name"), Col("price", "money", "of.price_minor")),
        _choices,
    ),
    "taxes": Walked(
        said("Tax classes"), EDIT_CATALOGUE, (Col("code"), Col("name"), Col("rate_micros", "plain")), _taxes,
    ),
    "exemptions": Walked(
        said("Exempt customers"), EDIT_CATALOGUE,
        (Col("customer"), Col("reason"), Col("tax_class", "plain"), Col("starts_on", "plain"), Col("ends_on", "plain")),
        _exemptions,
    ),
    "exchange-rates": Walked(
        said("Rates of exchange"), EDIT_CATALOGUE,
        (Col("currency"), Col("starts_on", "plain"), Col("rate_billionths", "plain")),
        _rates,
    ),
    "price-lists": Walked(
        said("Price lists"), EDIT_CATALOGUE,
        (Col("name", at="of.name"), Col("currency", at="of.currency"), Col("includes_tax", "flag", "of.includes_tax"),
         Col("customer_group", at="of.group"), Col("starts_on", "plain", "of.window.starts_on"),
         Col("ends_on", "plain", "of.window.ends_on"), Col("weekdays", "plain", "of.window.weekdays"),
         Col("from_minute", "plain", "of.window.from_minute"), Col("to_minute", "plain", "of.window.to_minute"),
         Col("priority", "plain", "of.priority"), Col("products", "plain")),
        _price_lists,
    ),
    "list-prices": Walked(
        said("Prices of price lists"), EDIT_CATALOGUE,
        (Col("price_list", at="list_name"), Col("currency"), Col("sku"), Col("name"), Col("min_quantity", "quantity"),
         Col("price", "plain")),
        _list_prices,
    ),
    "price-changes": Walked(
        said("Changes of prices"), VIEW_CATALOGUE,
        (Col("sku"), Col("name", at="product_name"), Col("price_list", at="list_name"),
         Col("before", "plain"), Col("after", "plain"), Col("currency"), Col("effective_at", "moment"),
         Col("applied_at", "moment"), Col("undone_at", "moment"), Col("source"), Col("reason"),
         Col("by", at="actor_name")),
        _price_changes,
    ),
    "price-batches": Walked(
        said("Many prices at once"), EDIT_CATALOGUE,
        (Col("change", "plain", "id"), Col("kind", at="rule.kind"), Col("value", "plain", "rule.value"),
         Col("price_list", at="list_name"), Col("reason"), Col("state"), Col("effective_at", "moment"),
         Col("products", "plain"), Col("passed_over", "plain"), Col("by", at="actor_name"),
         Col("created_at", "moment")),
        _batches,
    ),
    "bulk-changes": Walked(
        said("Changes of many products"), EDIT_CATALOGUE,
        (Col("change", "plain", "id"), Col("act"), Col("value", "facts"), Col("state"), Col("wanted", "plain"),
         Col("changed", "plain"), Col("passed_over", "plain", "passed"), Col("by", at="actor_name"),
         Col("created_at", "moment"), Col("finished_at", "moment")),
        _bulk,
    ),
    "labels": Walked(
        said("Labels that are due"), PRINT_LABELS,
        (Col("sku"), Col("name"), Col("unit"), Col("price", "money", "price_minor"),
         Col("printed", "money", "printed_minor"), Col("changed_at", "moment")),
        _labels,
    ),
}  # fmt: skip

"""Tables of prices: the typed view; migrations/m0032_prices.py holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class CurrencyRate(Table, tablename="currency_rate"):
    """What one of another currency is worth in the business's own from a day on, in billionths."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    currency = columns.text()
    starts_on = columns.day()
    rate_billionths = columns.big()
    created_at = columns.moment()


class PriceListRow(Table, tablename="price_list"):
    """A price list; `weekdays` are bits from Monday (1) on, minutes are those of the store's day."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    currency = columns.text()
    includes_tax = columns.boolean(null=True)
    all_stores = columns.boolean()
    customer_group = columns.text(null=True)
    starts_on = columns.day(null=True)
    ends_on = columns.day(null=True)
    weekdays = columns.small()
    from_minute = columns.small(null=True)
    to_minute = columns.small(null=True)
    priority = columns.small()
    next_turn = columns.moment(null=True)
    created_at = columns.moment()
    updated_at = columns.moment()
    archived_at = columns.moment(null=True)


class PriceListStore(Table, tablename="price_list_store"):
    """A store that a list holds in, where it doesn't hold in all."""

    tenant_id = columns.uuid()
    list_id = columns.uuid(primary_key=True)
    store_id = columns.uuid()


class ListPrice(Table, tablename="list_price"):
    """What a list asks for one unit of a product, from a quantity on (0: from the first)."""

    tenant_id = columns.uuid()
    list_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    min_quantity = columns.decimal(14, 3)
    price_minor = columns.big()


class StorePrice(Table, tablename="store_price"):
    """What the lists come to in a store now; without a price the product's own holds."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    price_minor = columns.big(null=True)
    list_id = columns.uuid(null=True)
    until = columns.moment(null=True)
    version = columns.big()


class PriceBatch(Table, tablename="price_batch"):
    """Many prices changed at once: by which rule, of which products, by whom, and what became of it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    rule = columns.json()
    narrowing = columns.json()
    list_id = columns.uuid(null=True)
    reason = columns.text()
    effective_at = columns.moment(null=True)
    products = columns.whole()
    passed_over = columns.whole()
    job_id = columns.uuid(null=True)
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    created_at = columns.moment()
    ready_at = columns.moment(null=True)
    undoing_at = columns.moment(null=True)
    brought_back = columns.whole()
    undone_at = columns.moment(null=True)
    undone_by = columns.text(null=True)


class PriceChange(Table, tablename="price_change"):
    """A price that changed, or is going to; without `to_minor` the list no longer has one."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    list_id = columns.uuid(null=True)
    batch_id = columns.uuid(null=True)
    from_minor = columns.big(null=True)
    to_minor = columns.big(null=True)
    effective_at = columns.moment()
    applied_at = columns.moment(null=True)
    undone_at = columns.moment(null=True)
    source = columns.text()
    reason = columns.text()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    created_at = columns.moment()

"""Tables of the rollups: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class SalesHour(Table, tablename="sales_hour"):
    """What a store sold in one hour of its own clock on one business day."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    business_date = columns.day()
    local_hour = columns.small()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()
    refunds = columns.big()
    refunds_minor = columns.big()


class ProductDay(Table, tablename="product_day"):
    """What a store sold of a product on one business day."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    business_date = columns.day()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()


class ProductPace(Table, tablename="product_pace"):
    """What a store sold of a product in the last `days` whole days before `as_of`."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    as_of = columns.day()
    days = columns.small()
    units = columns.decimal(16, 3)

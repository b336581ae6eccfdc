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
    discount_minor = columns.big()


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
    discount_minor = columns.big()


class ProductPace(Table, tablename="product_pace"):
    """What a store sold of a product in the last `days` whole days before `as_of`."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    as_of = columns.day()
    days = columns.small()
    units = columns.decimal(16, 3)


class SaleFact(Table, tablename="sale_fact"):
    """What was sold in an hour at a till, by one cashier, paid one way, to one group of customers."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    local_hour = columns.small()
    store_id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    cashier_id = columns.uuid()
    tender = columns.text()
    customer_group = columns.text()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()
    refunds = columns.big()
    refunds_minor = columns.big()
    discount_minor = columns.big()


class LineFact(Table, tablename="line_fact"):
    """The same of one product."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    local_hour = columns.small()
    store_id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    cashier_id = columns.uuid()
    tender = columns.text()
    customer_group = columns.text()
    product_id = columns.uuid()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()
    discount_minor = columns.big()


class SalesDay(Table, tablename="sales_day"):
    """What was sold on a day at a till, by one cashier, paid one way, to one group."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    store_id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    cashier_id = columns.uuid()
    tender = columns.text()
    customer_group = columns.text()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()
    refunds = columns.big()
    refunds_minor = columns.big()
    discount_minor = columns.big()


class CashierHour(Table, tablename="cashier_hour"):
    """What a cashier sold in a store in an hour."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    store_id = columns.uuid(primary_key=True)
    cashier_id = columns.uuid()
    local_hour = columns.small()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    refunds = columns.big()
    refunds_minor = columns.big()


class TenderDay(Table, tablename="tender_day"):
    """What was paid by one kind of tender on a day, less change and what was paid back."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    store_id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    cashier_id = columns.uuid()
    type = columns.text()
    sales = columns.big()
    refunds = columns.big()
    amount_minor = columns.big()


class ProductMonth(Table, tablename="product_month"):
    """What a store sold of a product in a month."""

    tenant_id = columns.uuid()
    month = columns.day()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    sales = columns.big()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()
    discount_minor = columns.big()


class CategoryDay(Table, tablename="category_day"):
    """What a store sold on a day of the products that are in a category now."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    store_id = columns.uuid(primary_key=True)
    category_id = columns.uuid()
    units = columns.decimal(16, 3)
    revenue_minor = columns.big()
    tax_minor = columns.big()
    cost_minor = columns.big()
    discount_minor = columns.big()


class CountedCategory(Table, tablename="counted_category"):
    """The category in which a product's sums stand."""

    tenant_id = columns.uuid()
    product_id = columns.uuid(primary_key=True)
    category_id = columns.uuid()

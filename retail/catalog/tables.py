"""Tables of the catalogue: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Category(Table, tablename="category"):
    """A group of products, shown as a chip on the till; `hue` (degrees) tints its tiles."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    hue = columns.small()
    position = columns.whole()
    sku_letters = columns.text(null=True)


class TaxClass(Table, tablename="tax_class"):
    """A rate of tax, in millionths: 70000 is 7 %."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    code = columns.text()
    name = columns.text()
    rate_micros = columns.whole()


class Product(Table, tablename="product"):
    """An article; `decimals` says how many places its quantity may have, `version` when it last changed."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    sku = columns.text()
    name = columns.text()
    search_text = columns.text()
    sort_name = columns.text()
    category_id = columns.uuid(null=True)
    tax_class_id = columns.uuid()
    price_minor = columns.big()
    unit = columns.text()
    decimals = columns.small()
    unit_cost = columns.decimal(18, 6)
    reorder_point = columns.decimal(14, 3, null=True)
    favourite = columns.boolean()
    version = columns.big()
    created_at = columns.moment()
    updated_at = columns.moment()
    archived_at = columns.moment(null=True)
    tracking = columns.text()


class Barcode(Table, tablename="barcode"):
    """A code that a scanner may read; `normalised` is the form it is found by."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    code = columns.text()
    normalised = columns.text()
    position = columns.whole()

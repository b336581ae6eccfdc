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
    parent_id = columns.uuid(null=True)
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
    small_sku = columns.text()
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
    kind = columns.text()
    family_id = columns.uuid(null=True)
    options = columns.json()
    open_price = columns.boolean()
    min_age = columns.small(null=True)
    deposit_id = columns.uuid(null=True)
    tags = columns.texts()
    attributes = columns.written_json()
    notes = columns.text()
    available_from = columns.moment(null=True)
    available_until = columns.moment(null=True)
    on_sale = columns.boolean()
    tracking = columns.text()
    content_milli = columns.big(null=True)
    content_unit = columns.text(null=True)


class Barcode(Table, tablename="barcode"):
    """A code that a scanner may read; `normalised` is the form it is found by."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    code = columns.text()
    normalised = columns.text()
    position = columns.whole()


class Family(Table, tablename="family"):
    """What variants have in common: a name, and the options that tell them apart."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    options = columns.texts()
    created_at = columns.moment()
    updated_at = columns.moment()


class Component(Table, tablename="component"):
    """A part of a kit, and how many of it are in one."""

    tenant_id = columns.uuid()
    kit_id = columns.uuid(primary_key=True)
    part_id = columns.uuid()
    quantity = columns.decimal(14, 3)
    position = columns.whole()


class ModifierGroup(Table, tablename="modifier_group"):
    """A choice at the till: at least `least` and at most `most` of its modifiers."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    least = columns.small()
    most = columns.small()
    version = columns.big()


class Modifier(Table, tablename="modifier"):
    """Something to choose, at a price of its own on top of the product's."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    group_id = columns.uuid()
    name = columns.text()
    price_minor = columns.big()
    position = columns.whole()


class ProductModifierGroup(Table, tablename="product_modifier_group"):
    """Which choices a product comes with."""

    tenant_id = columns.uuid()
    product_id = columns.uuid(primary_key=True)
    group_id = columns.uuid()
    position = columns.whole()


class ProductImage(Table, tablename="product_image"):
    """A picture of a product; `name` is that of its files."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    position = columns.whole()
    name = columns.text()
    sha256 = columns.binary()
    created_at = columns.moment()

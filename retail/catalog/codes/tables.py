"""Tables of codes and labels: the typed view; migrations/m0031_codes.py holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class SkuSeries(Table, tablename="sku_series"):
    """The last number given to a SKU of a category's letters and a year's two digits."""

    tenant_id = columns.uuid(primary_key=True)
    letters = columns.text()
    year = columns.small()
    last = columns.whole()


class CodeRule(Table, tablename="code_rule"):
    """How a business makes its own barcodes: their prefix, and whether each new product without one gets one."""

    tenant_id = columns.uuid(primary_key=True)
    own_prefix = columns.text()
    own_last = columns.whole()
    own_always = columns.boolean()
    own_matching = columns.boolean()


class BarcodeLayout(Table, tablename="barcode_layout"):
    """How labels with a weight or a price are read, in order; no decimals: thousandths, or the currency's own."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    position = columns.whole()
    name = columns.text()
    pattern = columns.text()
    decimals = columns.small(null=True)


class LabelDue(Table, tablename="label_due"):
    """A product whose shelf label has been wrong since `changed_at`, in one store or, without one, in all."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    store_id = columns.uuid(null=True)
    changed_at = columns.moment()


class LabelPrint(Table, tablename="label_print"):
    """When a store last printed a product's label, and the price that stands on it."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    printed_at = columns.moment()
    price_minor = columns.big()

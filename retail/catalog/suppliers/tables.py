"""Tables of suppliers: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class SupplierRow(Table, tablename="supplier"):
    """Somebody goods are bought from; amounts are in minor units of its own currency."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    code = columns.text(null=True)
    name = columns.text()
    email = columns.text()
    phone = columns.text()
    website = columns.text()
    address = columns.text()
    currency = columns.text()
    lead_days = columns.small(null=True)
    min_order_minor = columns.big(null=True)
    payment_terms = columns.text()
    notes = columns.text()
    version = columns.whole()
    created_at = columns.moment()
    updated_at = columns.moment()
    archived_at = columns.moment(null=True)


class ProductSupplier(Table, tablename="product_supplier"):
    """On which terms a supplier sells a product; `cost` is of one unit, in minor units of the supplier's currency."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    supplier_id = columns.uuid()
    supplier_sku = columns.text()
    pack_quantity = columns.decimal(14, 3, null=True)
    cost = columns.decimal(18, 6, null=True)
    min_order_quantity = columns.decimal(14, 3, null=True)
    lead_days = columns.small(null=True)
    preferred = columns.boolean()
    version = columns.whole()
    created_at = columns.moment()
    updated_at = columns.moment()

"""Tables of tenants, stores and tills: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Tenant(Table, tablename="tenant"):
    """A business; its id is the tenant of every other row."""

    id = columns.uuid(primary_key=True)
    slug = columns.text()
    name = columns.text()
    country = columns.text()
    currency = columns.text()
    locale = columns.text()
    timezone = columns.text()
    prices_include_tax = columns.boolean()
    cash_unit_minor = columns.whole()
    created_at = columns.moment()


class Store(Table, tablename="store"):
    """A place of sale, with its own clock, business day and tax number."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    code = columns.text()
    name = columns.text()
    address = columns.text()
    tax_number = columns.text()
    receipt_footer = columns.text()
    timezone = columns.text()
    day_cutoff_hour = columns.small()
    created_at = columns.moment()


class Till(Table, tablename="till"):
    """A selling point with its own drawer and its own series of receipt numbers."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    code = columns.text()
    name = columns.text()
    created_at = columns.moment()
    retired_at = columns.moment(null=True)

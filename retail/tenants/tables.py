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
    status = columns.text()
    trial_ends_at = columns.moment(null=True)
    closed_at = columns.moment(null=True)
    delete_after = columns.moment(null=True)
    plan = columns.text()


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
    archived_at = columns.moment(null=True)
    version = columns.whole()
    region = columns.text()


class Till(Table, tablename="till"):
    """A selling point with its own drawer and its own series of receipt numbers."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    code = columns.text()
    name = columns.text()
    created_at = columns.moment()
    retired_at = columns.moment(null=True)
    version = columns.whole()


class SettingRow(Table, tablename="setting"):
    """What a business, or one of its stores, has set; `value` is JSON text."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid(null=True)
    key = columns.text()
    value = columns.json()
    changed_at = columns.moment()


class SettingChange(Table, tablename="setting_change"):
    """One change of a setting: who, when, from what to what. Never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid(null=True)
    key = columns.text()
    before = columns.json()
    after = columns.json()
    changed_at = columns.moment()
    changed_by = columns.uuid(null=True)
    actor_name = columns.text()
    restored_from = columns.uuid(null=True)

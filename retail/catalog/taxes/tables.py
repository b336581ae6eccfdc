"""Tables of taxes beside tax_class: the typed view; migrations/m0032_prices.py holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class TaxRate(Table, tablename="tax_rate"):
    """The rate of a tax class from a day on, and its parts; once applied they are the class's own."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    tax_class_id = columns.uuid()
    from_date = columns.day()
    rate_micros = columns.whole()
    applied_at = columns.moment(null=True)
    created_at = columns.moment()
    parts = columns.json(null=True)


class TaxComponent(Table, tablename="tax_component"):
    """A part of a tax class; a compound one also taxes the parts before it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    tax_class_id = columns.uuid()
    name = columns.text()
    rate_micros = columns.whole()
    compound = columns.boolean()
    position = columns.small()


class TaxExemption(Table, tablename="tax_exemption"):
    """A customer who need not pay a tax class, or none at all, for some time."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    customer_ref = columns.text()
    reason = columns.text()
    tax_class_id = columns.uuid(null=True)
    starts_on = columns.day()
    ends_on = columns.day(null=True)
    created_at = columns.moment()
    ended_at = columns.moment(null=True)


class FiscalPosition(Table, tablename="fiscal_position"):
    """Another way to tax a sale, chosen at the till: take away, another state."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    position = columns.small()
    created_at = columns.moment()
    archived_at = columns.moment(null=True)


class FiscalMapping(Table, tablename="fiscal_mapping"):
    """As which class a position taxes a class."""

    tenant_id = columns.uuid()
    position_id = columns.uuid(primary_key=True)
    from_class_id = columns.uuid()
    to_class_id = columns.uuid()

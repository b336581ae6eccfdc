"""The table of kept goods: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Layaway(Table, tablename="layaway"):
    """A basket that is kept for a customer; what was paid on it is the value account of the same id."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    till_id = columns.uuid()
    number = columns.whole()
    customer_id = columns.uuid()
    basket = columns.json()
    total_minor = columns.big()
    until = columns.day()
    note = columns.text()
    created_at = columns.moment()
    created_by = columns.uuid(null=True)
    created_by_name = columns.text()
    body_hash = columns.binary()
    told_at = columns.moment(null=True)
    ended_at = columns.moment(null=True)
    ended_how = columns.text(null=True)
    ended_id = columns.uuid(null=True)
    ended_by_name = columns.text(null=True)
    fee_minor = columns.big()

"""The table of reservations: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Reservation(Table, tablename="reservation"):
    """Goods that are kept for somebody, until a moment."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    product_id = columns.uuid()
    quantity = columns.decimal(14, 3)
    note = columns.text()
    source_id = columns.uuid(null=True)
    expires_at = columns.moment()
    created_at = columns.moment()
    created_by = columns.text()
    released_at = columns.moment(null=True)
    ending = columns.text(null=True)

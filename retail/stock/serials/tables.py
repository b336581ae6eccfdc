"""Tables of serial numbers: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Serial(Table, tablename="serial"):
    """A single piece, where it lies and what has become of it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    number = columns.text()
    state = columns.text()
    store_id = columns.uuid(null=True)
    created_at = columns.moment()
    updated_at = columns.moment()


class SerialEvent(Table, tablename="serial_event"):
    """A step in the life of a piece; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    serial_id = columns.uuid()
    store_id = columns.uuid()
    before = columns.text(null=True)
    state = columns.text()
    source_id = columns.uuid(null=True)
    odd = columns.boolean()
    reason = columns.text()
    actor_name = columns.text()
    at = columns.moment()

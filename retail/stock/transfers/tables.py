"""Tables of transfers: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Transfer(Table, tablename="transfer"):
    """Goods that go from one store to another."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    number = columns.whole()
    from_store_id = columns.uuid()
    to_store_id = columns.uuid()
    from_name = columns.text()
    to_name = columns.text()
    state = columns.text()
    note = columns.text()
    receipt_id = columns.uuid(null=True)
    created_at = columns.moment()
    sent_at = columns.moment(null=True)
    received_at = columns.moment(null=True)


class TransferLine(Table, tablename="transfer_line"):
    """A product of a transfer, or one lot or piece of it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    transfer_id = columns.uuid()
    product_id = columns.uuid()
    trace = columns.text()
    position = columns.whole()
    quantity = columns.decimal(14, 3)
    unit_cost = columns.decimal(18, 6, null=True)
    arrived = columns.decimal(14, 3, null=True)
    damaged = columns.decimal(14, 3, null=True)
    decision = columns.text(null=True)


class TransferEvent(Table, tablename="transfer_event"):
    """What somebody did with a transfer; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    transfer_id = columns.uuid()
    what = columns.text()
    reason = columns.text()
    actor_name = columns.text()
    at = columns.moment()

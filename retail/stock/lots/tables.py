"""Tables of lots: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Traced(Table, tablename="traced"):
    """A store's product that is followed by lot or by piece; `unnamed` is what of its balance has neither."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    tracking = columns.text()
    unnamed = columns.decimal(14, 3)
    since = columns.moment()


class Lot(Table, tablename="lot"):
    """A delivery of a product, as its label names it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    code = columns.text()
    expires_on = columns.day(null=True)
    received_at = columns.moment(null=True)
    created_at = columns.moment()


class LotBalance(Table, tablename="lot_balance"):
    """What a store has of a lot: the sum of its moves."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    lot_id = columns.uuid()
    product_id = columns.uuid()
    on_hand = columns.decimal(14, 3)


class LotMove(Table, tablename="lot_move"):
    """What of a move a lot got; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    product_id = columns.uuid()
    lot_id = columns.uuid()
    move_id = columns.uuid(null=True)
    quantity = columns.decimal(14, 3)
    reason = columns.text()
    actor_name = columns.text()
    at = columns.moment()

"""Tables of places inside a store: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Location(Table, tablename="location"):
    """A place of a store beside the one that the till sells from."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    name = columns.text()
    kind = columns.text()
    version = columns.big()
    created_at = columns.moment()
    closed_at = columns.moment(null=True)


class StockPlace(Table, tablename="stock_place"):
    """What lies in such a place. Its key has four parts; Piccolo knows one."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    location_id = columns.uuid()
    on_hand = columns.decimal(14, 3)
    updated_at = columns.moment()


class PlaceMove(Table, tablename="place_move"):
    """Goods that changed their place within a store; no place is the one that the till sells from."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    product_id = columns.uuid()
    from_location_id = columns.uuid(null=True)
    to_location_id = columns.uuid(null=True)
    quantity = columns.decimal(14, 3)
    reason = columns.text()
    source_id = columns.uuid()
    actor_name = columns.text()
    at = columns.moment()

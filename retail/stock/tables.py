"""Tables of stock: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class StockMove(Table, tablename="stock_move"):
    """A signed change of what a store has; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    product_id = columns.uuid()
    kind = columns.text()
    quantity = columns.decimal(14, 3)
    unit_cost = columns.decimal(18, 6)
    reason = columns.text()
    source_id = columns.uuid(null=True)
    actor_name = columns.text()
    occurred_at = columns.moment()
    created_at = columns.moment()
    trace = columns.text()


class StockDelta(Table, tablename="stock_delta"):
    """A move that its balance doesn't hold yet; a fold deletes it."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    product_id = columns.uuid()
    quantity = columns.decimal(14, 3)
    unit_cost = columns.decimal(18, 6)
    trace = columns.text()


class StockBalance(Table, tablename="stock_balance"):
    """What the folded moves come to, and the moving average cost. Its key has three parts; Piccolo knows one."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    on_hand = columns.decimal(14, 3)
    unit_cost = columns.decimal(18, 6)
    worth = columns.decimal(28, 9)
    low_since = columns.moment(null=True)
    updated_at = columns.moment()


class StockWorth(Table, tablename="stock_worth"):
    """What a store's moves and lines on account Stock came to up to last night; ids from `bound` on aren't in it."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    bound = columns.uuid()
    exact_minor = columns.decimal(38, 9)
    posted_minor = columns.big()
    moved_minor = columns.big()
    returns = columns.big()
    books_minor = columns.big()
    kept_at = columns.moment()

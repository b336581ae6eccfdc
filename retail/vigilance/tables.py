"""Tables of vigilance: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class StoreCustom(Table, tablename="store_custom"):
    """What a store usually sells: how many, the marks that few exceed, by hour and tender; made anew every night."""

    tenant_id = columns.uuid()
    store_id = columns.uuid(primary_key=True)
    made_at = columns.moment()
    sales = columns.big()
    refunds = columns.big()
    discounts = columns.big()
    sale_marks = columns.bigs()
    refund_marks = columns.bigs()
    discount_marks = columns.bigs()
    hours = columns.bigs()
    tenders = columns.json()


class CashierHabit(Table, tablename="cashier_habit"):
    """What a cashier does much oftener than the others of a store; made anew every night."""

    tenant_id = columns.uuid()
    store_id = columns.uuid()
    cashier_id = columns.uuid(primary_key=True)
    measure = columns.text()
    times = columns.decimal(8, 1)
    chance = columns.decimal(8, 6)


class UnusualDay(Table, tablename="unusual_day"):
    """A store's day, up to an hour, that sold far more or less than expected; the id of zeros: all together."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    business_date = columns.day()
    hour = columns.small()
    sold_minor = columns.big()
    expected_minor = columns.big()
    low_minor = columns.big()
    high_minor = columns.big()
    z = columns.decimal(10, 4)
    threshold = columns.decimal(10, 4)
    severity = columns.text()
    found_at = columns.moment()
    updated_at = columns.moment()


class UnusualVerdict(Table, tablename="unusual_verdict"):
    """What a person found of an unusual day, for good."""

    tenant_id = columns.uuid()
    unusual_id = columns.uuid(primary_key=True)
    verdict = columns.text()
    note = columns.text()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    decided_at = columns.moment()

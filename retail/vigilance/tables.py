"""Tables of vigilance: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


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

"""Tables of shifts and cash: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class ShiftRow(Table, tablename="shift"):
    """The time of a drawer from its float to its count; at most one open per till."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    till_id = columns.uuid()
    number = columns.whole()
    business_date = columns.day()
    opened_at = columns.moment()
    opened_by = columns.uuid(null=True)
    opened_by_name = columns.text()
    opening_float_minor = columns.big()
    opening_denominations = columns.json(null=True)
    opening_left_minor = columns.big(null=True)
    closed_at = columns.moment(null=True)


class CashMoveRow(Table, tablename="cash_move"):
    """Cash that came in or left without a sale; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    shift_id = columns.uuid()
    kind = columns.text()
    amount_minor = columns.big()
    reason = columns.text()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    occurred_at = columns.moment()
    created_at = columns.moment()


class DrawerEvent(Table, tablename="drawer_event"):
    """A drawer that was opened without a sale, and why."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    shift_id = columns.uuid()
    reason = columns.text()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    occurred_at = columns.moment()
    created_at = columns.moment()


class ZReportRow(Table, tablename="z_report"):
    """The report of a closed shift; never edited, what arrives later is listed beside it."""

    tenant_id = columns.uuid()
    shift_id = columns.uuid(primary_key=True)
    counted_minor = columns.big()
    expected_minor = columns.big()
    variance_minor = columns.big()
    denominations = columns.json(null=True)
    report = columns.json()
    closed_at = columns.moment()
    closed_by = columns.uuid(null=True)
    closed_by_name = columns.text()
    left_minor = columns.big(null=True)


class CashCount(Table, tablename="cash_count"):
    """What somebody found in a drawer before they were told anything; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    shift_id = columns.uuid()
    attempt = columns.small()
    counted_minor = columns.big()
    denominations = columns.json(null=True)
    recount = columns.boolean()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    counted_at = columns.moment()
    created_at = columns.moment()


class ZSupplement(Table, tablename="z_supplement"):
    """What arrived for a shift after its Z report; appended, never edited."""

    tenant_id = columns.uuid()
    shift_id = columns.uuid(primary_key=True)
    number = columns.whole()
    cash_minor = columns.big()
    report = columns.json()
    created_at = columns.moment()


class ZSupplementSale(Table, tablename="z_supplement_sale"):
    """Which supplement a late sale stands in."""

    tenant_id = columns.uuid()
    sale_id = columns.uuid(primary_key=True)
    shift_id = columns.uuid()
    number = columns.whole()


class TillSeal(Table, tablename="till_seal"):
    """The papers of a till in the order they were made, each chained to the one before it."""

    tenant_id = columns.uuid()
    till_id = columns.uuid(primary_key=True)
    position = columns.whole()
    shift_id = columns.uuid()
    supplement = columns.whole()
    grand_total_minor = columns.big()
    prev_hash = columns.text()
    hash = columns.text()


class ShiftRollup(Table, tablename="shift_rollup"):
    """What a shift has come to, as far as the worker has heard of its sales."""

    tenant_id = columns.uuid()
    shift_id = columns.uuid(primary_key=True)
    documents = columns.whole()
    takings = columns.json()
    folded_at = columns.moment()


class VarianceAcceptance(Table, tablename="variance_acceptance"):
    """A manager's word on a variance; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    shift_id = columns.uuid()
    cause = columns.text()
    sentence = columns.text()
    note = columns.text()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    accepted_at = columns.moment()

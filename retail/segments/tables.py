"""Tables of segments: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class SegmentState(Table, tablename="segment_state"):
    """How far a business's segments are: the run that began last, the one that is shown, and how good it is."""

    tenant_id = columns.uuid(primary_key=True)
    begun = columns.big()
    shown = columns.big()
    job_id = columns.uuid(null=True)
    worked_out_at = columns.moment(null=True)
    first_day = columns.day(null=True)
    last_day = columns.day(null=True)
    standing = columns.text(null=True)
    customers = columns.whole()
    history_days = columns.whole()
    pause_days = columns.whole(null=True)
    lost_days = columns.whole(null=True)
    model = columns.json(null=True)
    value_method = columns.text(null=True)
    value_days = columns.whole(null=True)
    value_error_minor = columns.big(null=True)
    floor_error_minor = columns.big(null=True)
    value_told_minor = columns.big(null=True)
    value_came_minor = columns.big(null=True)
    risk_known = columns.boolean()
    risk_auc_permille = columns.small(null=True)
    risk_low_permille = columns.small(null=True)
    risk_high_permille = columns.small(null=True)
    risk_all_permille = columns.small(null=True)


class CustomerStanding(Table, tablename="customer_standing"):
    """How a customer stood as a run found it; counts where the run's number is the one that is shown."""

    tenant_id = columns.uuid()
    run = columns.big()
    customer_id = columns.uuid(primary_key=True)
    segment = columns.text()
    recency = columns.small()
    frequency = columns.small()
    money = columns.small()
    visits = columns.whole()
    sales = columns.whole()
    spend_minor = columns.big()
    first_on = columns.day()
    last_on = columns.day()
    interval_days = columns.whole()
    next_on = columns.day()
    risk_permille = columns.small()
    value_minor = columns.big()


class SegmentMove(Table, tablename="segment_move"):
    """A customer's move from one segment to another; `was` None: they bought for the first time."""

    tenant_id = columns.uuid()
    customer_id = columns.uuid(primary_key=True)
    moved_on = columns.day()
    was = columns.text(null=True)
    became = columns.text()


class SegmentFlow(Table, tablename="segment_flow"):
    """How many went from one segment to another in a month; `was` empty: they bought for the first time."""

    tenant_id = columns.uuid(primary_key=True)
    month = columns.day()
    was = columns.text()
    became = columns.text()
    customers = columns.whole()


class SegmentTotal(Table, tablename="segment_total"):
    """What a segment adds up to."""

    tenant_id = columns.uuid()
    run = columns.big()
    segment = columns.text(primary_key=True)
    customers = columns.whole()
    sales = columns.big()
    spend_minor = columns.big()
    value_minor = columns.big()
    at_high = columns.whole()


class SegmentCohort(Table, tablename="segment_cohort"):
    """How many of those who bought for the first time in a month came so many months later."""

    tenant_id = columns.uuid(primary_key=True)
    run = columns.big()
    first_month = columns.day()
    later = columns.small()
    customers = columns.whole()
    came = columns.whole()


class SegmentRhythm(Table, tablename="segment_rhythm"):
    """How many sales there were to known customers in an hour of the week."""

    tenant_id = columns.uuid(primary_key=True)
    run = columns.big()
    weekday = columns.small()
    hour = columns.small()
    sales = columns.whole()
    spend_minor = columns.big()

"""Tables of risk: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class RiskAct(Table, tablename="risk_act"):
    """What a cashier did that a rule may count; one per record of the till, only ever appended."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    kind = columns.text()
    store_id = columns.uuid()
    till_id = columns.uuid()
    cashier_id = columns.uuid()
    subject_id = columns.uuid()
    amount_minor = columns.big()
    gap_ms = columns.big(null=True)
    explained = columns.boolean()
    approved = columns.boolean()
    occurred_at = columns.moment()
    created_at = columns.moment()


class RiskAlert(Table, tablename="risk_alert"):
    """A rule that fired, with the thresholds that it had then."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    kind = columns.text()
    outcome = columns.text()
    least = columns.whole()
    minutes = columns.whole()
    store_id = columns.uuid()
    cashier_id = columns.uuid()
    occurred_at = columns.moment()
    created_at = columns.moment()


class RiskEvidence(Table, tablename="risk_evidence"):
    """An act that an alert was seen in."""

    tenant_id = columns.uuid()
    alert_id = columns.uuid(primary_key=True)
    act_id = columns.uuid()


class RiskReason(Table, tablename="risk_reason"):
    """Why a case was opened: what was seen of a measure on a day, and what was expected."""

    tenant_id = columns.uuid()
    alert_id = columns.uuid(primary_key=True)
    measure = columns.text()
    business_date = columns.day()
    seen = columns.whole()
    expected = columns.decimal(12, 4)
    rare = columns.decimal(8, 4)
    run = columns.decimal(8, 4)


class CashierScore(Table, tablename="cashier_score"):
    """How a cashier's day was judged, and by what weighed most in it."""

    tenant_id = columns.uuid()
    business_date = columns.day()
    store_id = columns.uuid()
    cashier_id = columns.uuid(primary_key=True)
    measure = columns.text()
    seen = columns.whole()
    expected = columns.decimal(12, 4)
    weight = columns.decimal(8, 4)
    threshold = columns.decimal(6, 4)
    judged_at = columns.moment()


class RiskVerdict(Table, tablename="risk_verdict"):
    """What a person said to an alert, for good."""

    tenant_id = columns.uuid()
    alert_id = columns.uuid(primary_key=True)
    verdict = columns.text()
    note = columns.text()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    decided_at = columns.moment()

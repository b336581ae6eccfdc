"""Tables of payments: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class PaymentAttempt(Table, tablename="payment_attempt"):
    """A try to take an amount, written down before the terminal started; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    till_id = columns.uuid()
    shift_id = columns.uuid(null=True)
    basket_id = columns.uuid()
    type = columns.text()
    terminal = columns.text()
    amount_minor = columns.big()
    tip_minor = columns.big()
    cashier_id = columns.uuid(null=True)
    cashier_name = columns.text()
    started_at = columns.moment()
    created_at = columns.moment()


class PaymentStep(Table, tablename="payment_step"):
    """What was heard of an attempt; appended, never edited."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    attempt_id = columns.uuid()
    till_id = columns.uuid()
    outcome = columns.text()
    source = columns.text()
    amount_minor = columns.big()
    reference = columns.text()
    happened_at = columns.moment()
    created_at = columns.moment()

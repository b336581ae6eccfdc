"""Tables of stored value: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class ValueAccount(Table, tablename="value_account"):
    """What one card or one customer has; the balance is the sum of its moves, in minor units."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    kind = columns.text()
    customer_id = columns.uuid(null=True)
    code_mac = columns.binary(null=True)
    last_four = columns.text(null=True)
    balance_minor = columns.big()
    expires_on = columns.day(null=True)
    blocked_at = columns.moment(null=True)
    created_at = columns.moment()


class ValueMove(Table, tablename="value_move"):
    """An amount that came onto an account (above zero) or left it; only ever appended."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    account_id = columns.uuid()
    cause = columns.text()
    amount_minor = columns.big()
    lacking_minor = columns.big()
    balance_after_minor = columns.big()
    source_id = columns.uuid()
    reason = columns.text()
    actor_name = columns.text()
    at = columns.moment()

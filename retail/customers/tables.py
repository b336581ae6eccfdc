"""The table of customers: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class CustomerRow(Table, tablename="customer"):
    """Somebody who buys; the credit limit is in minor units of the business's currency."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    phone = columns.text()
    phone_digits = columns.text()
    email = columns.text()
    member_card = columns.text(null=True)
    price_group = columns.text(null=True)
    note = columns.text()
    credit_limit_minor = columns.big()
    merged_into = columns.uuid(null=True)
    erased_at = columns.moment(null=True)
    version = columns.whole()
    created_at = columns.moment()
    updated_at = columns.moment()
    archived_at = columns.moment(null=True)
    sort_name = columns.text()
    search_text = columns.text()

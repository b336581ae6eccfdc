"""Tables of the books: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Account(Table, tablename="account"):
    """An account; `purpose` is what the product uses it for, None for a shop's own."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    code = columns.text()
    name = columns.text()
    kind = columns.text()
    purpose = columns.text(null=True)
    created_at = columns.moment()


class JournalEntry(Table, tablename="journal_entry"):
    """One thing that happened, as the books say it; its lines add up to zero."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    kind = columns.text()
    source_id = columns.uuid()
    occurred_at = columns.moment()
    business_date = columns.day()
    currency = columns.text()
    memo = columns.text()
    created_at = columns.moment()


class JournalLine(Table, tablename="journal_line"):
    """A line of an entry: above zero a debit, below zero a credit. Its key has three parts; Piccolo knows one."""

    tenant_id = columns.uuid()
    entry_id = columns.uuid(primary_key=True)
    position = columns.small()
    account_id = columns.uuid()
    amount_minor = columns.big()

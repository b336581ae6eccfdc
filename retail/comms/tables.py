"""Tables of news and messages: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class AnnouncementReceipt(Table, tablename="announcement_receipt"):
    """Who confirmed an announcement, and when."""

    tenant_id = columns.uuid()
    announcement_id = columns.uuid(primary_key=True)
    person_id = columns.uuid()
    till_id = columns.uuid(null=True)
    confirmed_at = columns.moment()

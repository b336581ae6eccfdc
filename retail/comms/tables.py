"""Tables of news and messages: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class AnnouncementReceipt(Table, tablename="announcement_receipt"):
    """Who confirmed an announcement, and when."""

    tenant_id = columns.uuid()
    announcement_id = columns.uuid(primary_key=True)
    person_id = columns.uuid()
    at_till = columns.boolean()
    confirmed_at = columns.moment()


class ThreadRow(Table, tablename="thread"):
    """A thread: with the operator, or inside the business."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    kind = columns.text()
    subject = columns.text()
    created_at = columns.moment()
    created_by = columns.uuid()
    created_by_name = columns.text()
    last_at = columns.moment()


class ThreadParty(Table, tablename="thread_party"):
    """Who takes part in a thread."""

    tenant_id = columns.uuid()
    thread_id = columns.uuid(primary_key=True)
    kind = columns.text()
    party_id = columns.uuid()
    added_at = columns.moment()
    left_at = columns.moment(null=True)


class ThreadMessage(Table, tablename="thread_message"):
    """What somebody wrote, only ever appended."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    thread_id = columns.uuid()
    author_kind = columns.text()
    author_id = columns.uuid()
    author_name = columns.text()
    body = columns.text()
    sent_at = columns.moment()


class ThreadFile(Table, tablename="thread_file"):
    """A file of a message; its bytes lie in the business's folder."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    message_id = columns.uuid()
    name = columns.text()
    media_type = columns.text()
    bytes = columns.whole()
    stored = columns.text()


class ThreadMark(Table, tablename="thread_mark"):
    """Up to when somebody has read a thread."""

    tenant_id = columns.uuid()
    thread_id = columns.uuid(primary_key=True)
    reader_id = columns.uuid()
    read_at = columns.moment()


class ShiftNote(Table, tablename="shift_note"):
    """A note for the next shift."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    for_till = columns.uuid(null=True)
    body = columns.text()
    author_id = columns.uuid()
    author_name = columns.text()
    created_at = columns.moment()
    until = columns.moment()
    withdrawn_at = columns.moment(null=True)


class ShiftNoteReading(Table, tablename="shift_note_reading"):
    """That a note was read at a till, and by whom."""

    tenant_id = columns.uuid()
    note_id = columns.uuid(primary_key=True)
    at_till = columns.uuid()
    person_id = columns.uuid()
    read_at = columns.moment()

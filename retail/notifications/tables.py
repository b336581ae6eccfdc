"""Tables of notifications: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class NotificationRow(Table, tablename="notification"):
    """Something that a person is told of, once."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    notice_id = columns.uuid()
    person_id = columns.uuid()
    kind = columns.text()
    created_at = columns.moment()
    read_at = columns.moment(null=True)


class NotificationChoice(Table, tablename="notification_choice"):
    """A channel of a kind that somebody wants, or doesn't, other than usual."""

    tenant_id = columns.uuid()
    person_id = columns.uuid()
    kind = columns.text(primary_key=True)
    channel = columns.text()
    wanted = columns.boolean()


class NotificationHabit(Table, tablename="notification_habit"):
    """Quiet hours, digest and number of a person."""

    tenant_id = columns.uuid()
    person_id = columns.uuid(primary_key=True)
    quiet_from = columns.whole(null=True)
    quiet_until = columns.whole(null=True)
    digest_at = columns.whole(null=True)
    phone = columns.text(null=True)
    changed_at = columns.moment()


class Delivery(Table, tablename="delivery"):
    """One channel's turn of a notification, beyond the bell."""

    tenant_id = columns.uuid()
    notification_id = columns.uuid(primary_key=True)
    channel = columns.text()
    person_id = columns.uuid()
    due_at = columns.moment()
    digest = columns.boolean()
    expires_at = columns.moment(null=True)
    attempts = columns.whole()
    claimed_until = columns.moment(null=True)
    done_at = columns.moment(null=True)
    outcome = columns.text(null=True)


class PushSubscription(Table, tablename="push_subscription"):
    """A browser that rings for somebody."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    person_id = columns.uuid()
    session_id = columns.uuid(null=True)
    endpoint = columns.text()
    p256dh = columns.text()
    auth = columns.text()
    key_version = columns.whole()
    created_at = columns.moment()

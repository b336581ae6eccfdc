"""Tables of reports: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Report(Table, tablename="report"):
    """A report under a name: its base, and what its address asks for."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    base = columns.text()
    person_id = columns.uuid()
    name = columns.text()
    query = columns.text()
    shared = columns.boolean()
    created_at = columns.moment()
    updated_at = columns.moment()
    archived_at = columns.moment(null=True)


class ReportSchedule(Table, tablename="report_schedule"):
    """When a report is sent to whom, in which forms."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    report_id = columns.uuid()
    person_id = columns.uuid()
    every = columns.text()
    day = columns.small()
    hour = columns.small()
    timezone = columns.text()
    forms = columns.texts()
    people = columns.uuids()
    version = columns.whole()
    next_at = columns.moment(null=True)
    paused_at = columns.moment(null=True)
    created_at = columns.moment()
    ended_at = columns.moment(null=True)
    begins_on = columns.day(null=True)


class ReportDelivery(Table, tablename="report_delivery"):
    """A file of a schedule's moment for one person: waiting, sent, refused or failed, and why."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    schedule_id = columns.uuid()
    due_at = columns.moment()
    person_id = columns.uuid()
    form = columns.text()
    state = columns.text()
    why = columns.text()
    tries = columns.small()
    run_id = columns.uuid(null=True)
    created_at = columns.moment()
    settled_at = columns.moment(null=True)

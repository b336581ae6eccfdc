"""Tables of imports: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns as of


class ImportRun(Table, tablename="import_run"):
    """A file that was handed in, and what became of it."""

    tenant_id = of.uuid()
    id = of.uuid(primary_key=True)
    kind = of.text()
    form = of.text()
    file_name = of.text()
    size = of.big()
    sha256 = of.binary()
    header = of.texts()
    columns = of.texts()
    match_by = of.text()
    with_costs = of.boolean()
    whole = of.boolean()
    goes_on = of.boolean()
    stage = of.text()
    problem = of.text()
    row_count = of.whole()
    new_count = of.whole()
    changed_count = of.whole()
    same_count = of.whole()
    refused_count = of.whole()
    stored_count = of.whole()
    makes = of.json()
    defaults = of.json()
    job_id = of.uuid(null=True)
    asked_by = of.uuid(null=True)
    asked_by_name = of.text()
    asked_at = of.moment()
    checked_at = of.moment(null=True)
    ended_at = of.moment(null=True)


class ImportRow(Table, tablename="import_row"):
    """A row of the file, and what it comes to."""

    tenant_id = of.uuid()
    run_id = of.uuid(primary_key=True)
    line = of.whole()
    state = of.text()
    place = of.small()
    name = of.text()
    subject_id = of.uuid(null=True)
    cells = of.json()
    changes = of.json()
    reasons = of.json()
    stored = of.boolean()


class ImportHeading(Table, tablename="import_heading"):
    """Which of our columns a heading of somebody's files means."""

    tenant_id = of.uuid(primary_key=True)
    kind = of.text()
    heading = of.text()
    key = of.text()

"""The table of exports: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns as of


class ExportRun(Table, tablename="export_run"):
    """A list that somebody wants as a file; `asked` is how its page was narrowed, empty once it is over."""

    tenant_id = of.uuid()
    id = of.uuid(primary_key=True)
    list = of.text()
    form = of.text()
    asked = of.json()
    with_costs = of.boolean()
    stores = of.texts(null=True)
    job_id = of.uuid(null=True)
    asked_by = of.uuid(null=True)
    asked_by_name = of.text()
    asked_at = of.moment()
    ended_at = of.moment(null=True)
    cancelled_at = of.moment(null=True)
    row_count = of.whole(null=True)
    size = of.big(null=True)

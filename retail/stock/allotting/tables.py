"""Tables of allotments: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class Scarce(Table, tablename="scarce"):
    """An article of a store that is shared out among its tills, and how."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    store_id = columns.uuid()
    product_id = columns.uuid()
    shared_by = columns.text()
    version = columns.big()
    weighed_at = columns.moment(null=True)
    created_at = columns.moment()
    updated_at = columns.moment()


class TillAllotment(Table, tablename="till_allotment"):
    """A till's share of a scarce article, in thousandths. Its key has two parts; Piccolo knows one."""

    tenant_id = columns.uuid()
    scarce_id = columns.uuid(primary_key=True)
    till_id = columns.uuid()
    milli = columns.big()
    known_milli = columns.big()
    wanted_milli = columns.big()
    weight_milli = columns.big()
    late_since = columns.moment(null=True)
    late_of_milli = columns.big()
    late_milli = columns.big()
    updated_at = columns.moment()

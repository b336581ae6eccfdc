"""Tables of recommendations: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class AlsoBought(Table, tablename="also_bought"):
    """A product's neighbour as a run found it; counts where the run's number is the one that is shown."""

    tenant_id = columns.uuid()
    run = columns.big()
    product_id = columns.uuid(primary_key=True)
    neighbour_id = columns.uuid()
    place = columns.small()
    rank = columns.whole()
    score_micros = columns.big()
    together = columns.whole()
    baskets = columns.whole()
    neighbour_baskets = columns.whole()


class AlsoBoughtState(Table, tablename="also_bought_state"):
    """How far a business's recommendations are: the last run that began, the one that is shown, and what it read."""

    tenant_id = columns.uuid(primary_key=True)
    begun = columns.big()
    shown = columns.big()
    job_id = columns.uuid(null=True)
    worked_out_at = columns.moment(null=True)
    first_day = columns.day(null=True)
    last_day = columns.day(null=True)
    method = columns.text(null=True)
    baskets = columns.whole()
    left_out = columns.whole()
    products = columns.whole()
    pairs = columns.whole()


class NeverTogether(Table, tablename="never_together"):
    """What is never suggested: a product with another (kept once, held both ways), or a product at all (no other)."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    other_id = columns.uuid(null=True)
    created_at = columns.moment()

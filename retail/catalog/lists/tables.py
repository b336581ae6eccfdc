"""Tables of lists and of changes at once: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class SearchWord(Table, tablename="search_word"):
    """A word that a product's name has or had, also turned round."""

    tenant_id = columns.uuid()
    word = columns.text(primary_key=True)
    turned = columns.text()


class SavedView(Table, tablename="saved_view"):
    """A list as somebody keeps it: what narrows and sorts it, and its columns, as the query of its address."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    list = columns.text()
    person_id = columns.uuid()
    name = columns.text()
    query = columns.text()
    shared = columns.boolean()
    created_at = columns.moment()
    updated_at = columns.moment()


class BulkChange(Table, tablename="bulk_change"):
    """A change of many products: what it sets, how far it is, and which one it undoes."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    act = columns.text()
    value = columns.json()
    state = columns.text()
    wanted = columns.whole()
    taken = columns.whole()
    undoes = columns.uuid(null=True)
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    created_at = columns.moment()
    finished_at = columns.moment(null=True)


class BulkChangeRow(Table, tablename="bulk_change_row"):
    """A product of such a change: as it was seen, as it was before, and the version that the change gave it."""

    tenant_id = columns.uuid()
    change_id = columns.uuid(primary_key=True)
    product_id = columns.uuid()
    seen = columns.big()
    outcome = columns.text(null=True)
    before = columns.json(null=True)
    version = columns.big(null=True)

"""Tables of the tills' keys: the typed view; migrations/ holds the constraints."""

from __future__ import annotations

from piccolo.table import Table

from retail.runtime import columns


class TillLayout(Table, tablename="till_layout"):
    """A layout of tiles as it is now called and numbered."""

    tenant_id = columns.uuid()
    id = columns.uuid(primary_key=True)
    name = columns.text()
    version = columns.whole()
    archived_at = columns.moment(null=True)
    created_at = columns.moment()


class TillLayoutVersion(Table, tablename="till_layout_version"):
    """What was saved of a layout, for good."""

    tenant_id = columns.uuid()
    layout_id = columns.uuid(primary_key=True)
    version = columns.whole()
    name = columns.text()
    content = columns.json()
    actor_id = columns.uuid(null=True)
    actor_name = columns.text()
    created_at = columns.moment()


class TillLayoutPlace(Table, tablename="till_layout_place"):
    """The layout that the business, a store or a till has; the narrowest wins."""

    tenant_id = columns.uuid()
    place_id = columns.uuid(primary_key=True)
    layout_id = columns.uuid()

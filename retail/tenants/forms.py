"""From the forms of stores and tills to what is opened."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID
from zoneinfo import available_timezones

from retail.kit.ids import new_id
from retail.kit.text import _
from retail.runtime.web.forms import Fields
from retail.tenants.operations import NewStore, NewTill
from retail.tenants.rules import code_is_valid


def code(fields: Fields) -> str:
    """Read the code of a store or a till."""
    typed = fields.text("code", 12, required=True).upper()
    if typed and not code_is_valid(typed):
        fields.error("code", _("Use 1 to 12 capital letters, digits or hyphens."))
    return typed


def new_store(fields: Fields) -> NewStore:
    """Read the form of a store. Raises Invalid."""
    made = NewStore(
        id=new_id(),
        code=code(fields),
        name=fields.text("name", 80, required=True),
        timezone=fields.text("timezone", 64, required=True),
        address=fields.text("address", 300),
        tax_number=fields.text("tax_number", 40),
        receipt_footer=fields.text("receipt_footer", 300),
        day_cutoff_hour=fields.whole("day_cutoff_hour", least=0, most=12),
        region=fields.text("region", 80),
    )
    if made.timezone and made.timezone not in available_timezones():
        fields.error("timezone", _("Pick a time zone such as Europe/Berlin."))
    fields.check()
    return made


def new_till(fields: Fields, stores: Collection[UUID]) -> NewTill:
    """Read the form of a till. Raises Invalid."""
    store = fields.uuid("store")
    if store is not None and store not in stores:
        fields.error("store", _("Pick one from the list."))
    made = NewTill(
        id=new_id(), store=store or UUID(int=0), code=code(fields), name=fields.text("name", 80, required=True)
    )
    fields.check()
    return made

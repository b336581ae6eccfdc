"""What can be wrong with a tenant, a store or a till."""

from __future__ import annotations

from retail.kit.errors import ChangedMeanwhile, Conflict
from retail.kit.text import _


class SlugTaken(Conflict):
    """Another business has this address."""

    code = "slug_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("Another business uses this address already. Choose another one.")


class CodeTaken(Conflict):
    """Another store or till of the business has this code."""

    code = "code_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("This code is in use already. Choose another one.")


class Edited(ChangedMeanwhile):
    """Somebody else has saved the same thing since the page was opened."""

    code = "edited_meanwhile"


class TillsStand(Conflict):
    """A store whose tills aren't retired can't be archived."""

    code = "tills_stand"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("Tills still stand in this store. Retire each of them first, then archive the store.")


class LastStore(Conflict):
    """The only store of a business can't be archived."""

    code = "last_store"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("This is the only store. Open another one first, then archive this one.")


class StoreArchived(Conflict):
    """Nothing new stands in an archived store."""

    code = "store_archived"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("This store is archived. Open it again first.")

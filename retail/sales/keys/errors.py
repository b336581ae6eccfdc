"""What can be wrong with a layout that somebody wants to keep."""

from __future__ import annotations

from collections.abc import Mapping

from retail.kit.errors import Conflict
from retail.kit.text import _


class LayoutChanged(Conflict):
    """Somebody else saved the layout since it was opened."""

    code = "layout_changed"

    def __init__(self, version: int, by: str) -> None:
        super().__init__(version, by)
        self.version, self.by = version, by

    def sentence(self) -> str:
        """Say who was faster, and what there is to choose."""
        return _(
            "%(name)s saved version %(version)d of this layout while you were at it. "
            "Save yours over it, or go on with theirs."
        ) % {"name": self.by, "version": self.version}

    def facts(self) -> Mapping[str, object]:
        """Give the version that is there now."""
        return {"version": self.version}


class LayoutArchived(Conflict):
    """A layout that was put away is used nowhere."""

    code = "layout_archived"

    def sentence(self) -> str:
        """Say what to do."""
        return _("This layout is archived. Bring it back first, then say where it is used.")

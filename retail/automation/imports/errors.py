"""What can go wrong with an import."""

from __future__ import annotations

from retail.kit.errors import Conflict, DomainError
from retail.kit.text import _


class NotAtThisStage(Conflict):
    """The import has gone on, or ended, meanwhile."""

    code = "import_went_on"

    def sentence(self) -> str:
        """Say to look again."""
        return _("This import has gone on meanwhile. Reload the page and look where it is.")


class FileTooLarge(DomainError):
    """The file is larger than any import needs to be."""

    status = 413
    code = "file_too_large"

    def __init__(self, most: int = 0) -> None:
        super().__init__(most)
        self.most = most

    def sentence(self) -> str:
        """Say how large it may be."""
        return _("The file is larger than %(most)d MB; split it.") % {"most": self.most >> 20}

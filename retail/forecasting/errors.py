"""What can be wrong with what is to be forecast."""

from __future__ import annotations

from retail.kit.errors import DomainError
from retail.kit.text import _


class UnknownCountry(DomainError):
    """Nobody has told the holidays of that country or region."""

    def __init__(self, country: str, region: str | None) -> None:
        super().__init__(country, region)
        self.place = f"{country}-{region}" if region else country

    def sentence(self) -> str:
        """Say what to do."""
        return _("No holidays are known for “%(place)s”. Give a country as two letters, for example IT.") % {
            "place": self.place
        }


class SalesFileWrong(DomainError):
    """A file of sales can't be read; nothing was worked out."""

    def __init__(self, reason: str, line: int | None = None, column: str = "", file: str = "") -> None:
        super().__init__(reason, line, column, file)
        self.reason, self.line, self.column, self.file = reason, line, column, file

    def of(self, file: str) -> SalesFileWrong:
        """Give the same of a file by its name."""
        return SalesFileWrong(self.reason, self.line, self.column, file)

    def sentence(self) -> str:
        """Say in which file, line and column, and what to do."""
        if self.line is None:
            return self.reason
        said = {"file": self.file, "line": self.line, "column": self.column, "reason": self.reason}
        if not self.column:
            return _("%(file)s, line %(line)s: %(reason)s") % said
        return _("%(file)s, line %(line)s, column %(column)s: %(reason)s") % said

"""Members of a JSON object read by kind: what is wrong is gathered with a sentence per member, nothing is raised.

Every bound is stated here: amounts are whole minor units within 10**15, quantities within a million with three
decimals in plain digits. Text is cut to its bound and cleaned of what no database holds (NUL, halves of surrogate
pairs); where that changed words, it is noted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from retail.kit.cards import without_cards
from retail.kit.errors import Invalid
from retail.kit.money import MAX_MINOR
from retail.kit.quantity import NotAQuantity, to_milli
from retail.kit.text import _

Item = TypeVar("Item")


class Exponential(Decimal):
    """A JSON number that was written with an exponent, like 1e3: an amount of nothing that is sold."""


@dataclass(frozen=True, slots=True)
class Altered:
    """A text that is not kept as it came: `length` characters came in `field`, at most `most` are kept.

    `kept` is how it begins as it is kept; `replaced` claims that characters gave way to U+FFFD.
    """

    field: str
    kept: str
    length: int
    most: int
    replaced: bool


MAX_QUANTITY_MILLI: Final = 10**9
# A day away from the ends of the calendar, so that every time zone can still write it.
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_UUID_LENGTH: Final = 36
_BEGINNING: Final = 60


def clean(text: str) -> str:
    """Replace what no database holds: NUL and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


class Reader:
    """Reads an object's members by kind; gathers what is wrong and gives harmless stand-ins for it.

    `altered` gathers the texts that are not kept as they came. A reader `within` another one shares what it gathers.
    """

    __slots__ = ("altered", "errors", "of", "prefix")

    def __init__(self, document: object, prefix: str = "", within: Reader | None = None) -> None:
        self.errors: dict[str, list[str]] = {} if within is None else within.errors
        self.altered: list[Altered] = [] if within is None else within.altered
        self.prefix = prefix
        self.of: dict[str, Any] = document if isinstance(document, dict) else {}
        if not isinstance(document, dict):
            self.wrong("", _("This must be a JSON object."))

    def wrong(self, name: str, sentence: str) -> None:
        """File a sentence under a member."""
        self.errors.setdefault(f"{self.prefix}{name}".rstrip("."), []).append(sentence)

    def check(self) -> None:
        """Raise Invalid where anything was wrong."""
        if self.errors:
            raise Invalid(self.errors)

    def uuid(self, name: str) -> UUID:
        """Read an id that must be there."""
        found = self.optional_uuid(name)
        if found is None and name not in self.errors and self.of.get(name) is None:
            self.wrong(name, _("This id is missing."))
        elif found is not None and not found.int:
            self.wrong(name, _("An id of nothing but zeros stands for nothing. Make a new id."))
        return found or UUID(int=0)

    def optional_uuid(self, name: str) -> UUID | None:
        """Read an id, or None."""
        given = self.of.get(name)
        if given is None:
            return None
        try:
            if isinstance(given, str) and len(given) == _UUID_LENGTH:
                return UUID(given)
        except ValueError:
            pass
        self.wrong(name, _("This must be a UUID."))
        return None

    def whole(self, name: str, least: int, most: int) -> int:
        """Read a whole number that must be there."""
        given = self.of.get(name)
        if type(given) is int and least <= given <= most:
            return given
        self.wrong(name, _("This must be a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
        return max(least, 0)

    def optional_whole(self, name: str) -> int | None:
        """Read a whole number within the range of money, or None."""
        return None if self.of.get(name) is None else self.whole(name, -MAX_MINOR, MAX_MINOR)

    def amount(self, name: str) -> int:
        """Read an amount in minor units; 0 where it is missing."""
        return self.optional_whole(name) or 0

    def text(self, name: str, most: int) -> str:
        """Read a text; '' where it is missing. What is too long is cut, and that is noted: it is words, not money."""
        given = self.of.get(name)
        if given is None:
            return ""
        if not isinstance(given, str):
            self.wrong(name, _("This must be text."))
            return ""
        cleaned = clean(given)
        stripped = without_cards(cleaned.strip())
        kept = stripped[:most]
        if len(stripped) > most or cleaned != given:
            noted = Altered(f"{self.prefix}{name}", kept[:_BEGINNING], len(stripped), most, cleaned != given)
            self.altered.append(noted)
        return kept

    def quantity(self, name: str) -> int:
        """Read a quantity as thousandths."""
        given = self.of.get(name)
        if isinstance(given, str | int | Decimal) and not isinstance(given, bool | Exponential):
            try:
                milli = to_milli(given)
            except (NotAQuantity, ArithmeticError):
                milli = MAX_QUANTITY_MILLI + 1
            if abs(milli) <= MAX_QUANTITY_MILLI:
                return milli
        self.wrong(name, _("This must be a quantity with at most three decimals, like “3” or “0.762”."))
        return 0

    def moment(self, name: str) -> datetime:
        """Read a time with its offset (RFC 3339)."""
        given = self.of.get(name)
        try:
            found = datetime.fromisoformat(given) if isinstance(given, str) else None
            if found is not None and found.tzinfo is not None and _EARLIEST <= found <= _LATEST:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.wrong(name, _("This must be a time like 2026-11-20T12:31:07Z."))
        return _EARLIEST

    def customer(self, name: str) -> str:
        """Read who bought: an id in its usual form, or the shop's own words for it."""
        given = self.text(name, 200)
        try:
            return str(UUID(given)) if len(given) == _UUID_LENGTH else given
        except ValueError:
            return given

    def items(self, name: str, kind: Callable[[Reader], Item], most: int, least: int = 0) -> list[Item]:
        """Read a list of objects."""
        given = self.of.get(name)
        if not isinstance(given, list) or not least <= len(given) <= most:
            self.wrong(
                name, _("This must be a list of %(least)d to %(most)d entries.") % {"least": least, "most": most}
            )
            return []
        return [kind(Reader(item, f"{self.prefix}{name}.{at}.", self)) for at, item in enumerate(given)]

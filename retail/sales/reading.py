"""Reading what a till sends: JSON text becomes a sale, or Invalid with a sentence per field; nothing else is raised.

By hand, because this is the hottest path of the product and because every bound has to be stated: amounts are whole
minor units within 10**15, quantities within a million with three decimals, and text is cleaned of what no database
holds (NUL, lone surrogates).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Never, TypeVar
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.money import MAX_MINOR
from retail.kit.quantity import NotAQuantity, to_milli
from retail.kit.text import _
from retail.sales.documents import ReturnIn, SaleIn, SaleLineIn, TenderIn

Item = TypeVar("Item")

MAX_LINES: Final = 1000
MAX_TENDERS: Final = 20
MAX_NUMBER: Final = 10**12
MAX_QUANTITY_MILLI: Final = 10**9
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_UUID_LENGTH: Final = 36
_TYPE: Final = re.compile(r"[a-z][a-z_]{0,19}")
_NAME_MOST: Final = 160


def parse_json(text: bytes | str) -> Any:  # noqa: ANN401 - anything that JSON holds
    """Read JSON without losing a digit. Raises Invalid on what isn't JSON, NaN and Infinity included."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as broken:  # UnicodeDecodeError is a ValueError
        raise Invalid({"": [_("This is not valid JSON.")]}) from broken


def body_hash(document: object) -> bytes:
    """Hash a document's content: SHA-256 of its canonical JSON (sorted keys, no blanks), so order doesn't matter.

    A decimal number counts as its text: 0.5 and "0.5" are one content. Raises Invalid on what is nested too deeply.
    """
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    except RecursionError as broken:
        raise Invalid({"": [_("This is not valid JSON.")]}) from broken
    return hashlib.sha256(text.encode("ascii")).digest()


def read_sale(document: object) -> SaleIn:
    """Read one sale. Raises Invalid for what is no sale; what is merely odd is read, and remarked on later."""
    read = _Reader(document)
    lines = read.items("lines", _line, MAX_LINES, least=1)
    sale = SaleIn(
        read.uuid("id"),
        read.uuid("till"),
        read.optional_uuid("shift"),
        read.whole("number", 1, MAX_NUMBER),
        read.moment("occurred_at"),
        read.customer("customer"),
        _distinct(lines),
        tuple(read.items("tenders", _tender, MAX_TENDERS)),
        read.whole("total", -MAX_MINOR, MAX_MINOR),
        read.optional_whole("cash_rounding"),
        body_hash(document),
    )
    read.check()
    return sale


def read_return(document: object) -> ReturnIn:
    """Read a return. Amounts paid out may be written above or below zero; they are kept above. Raises Invalid."""
    read = _Reader(document)
    lines = read.items("lines", _returned, MAX_LINES, least=1)
    tenders = read.items("tenders", _paid_out, MAX_TENDERS)
    quantities: dict[UUID, int] = {}
    for line, quantity_milli in lines:
        quantities[line] = quantities.get(line, 0) + quantity_milli
    back = ReturnIn(
        read.uuid("id"),
        read.uuid("till"),
        read.optional_uuid("shift"),
        quantities,
        tuple(tenders),
        body_hash(document),
    )
    read.check()
    return back


def clean(text: str) -> str:
    """Replace what no database holds: NUL and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


class _Reader:
    """Reads an object's members by kind; gathers what is wrong and gives harmless stand-ins for it."""

    __slots__ = ("errors", "of", "prefix")

    def __init__(self, document: object, prefix: str = "", errors: dict[str, list[str]] | None = None) -> None:
        self.errors: dict[str, list[str]] = {} if errors is None else errors
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
        """Read a text; '' where it is missing. What is too long is cut: it is a remark, not money."""
        given = self.of.get(name)
        if given is None:
            return ""
        if not isinstance(given, str):
            self.wrong(name, _("This must be text."))
            return ""
        return clean(given).strip()[:most]

    def quantity(self, name: str) -> int:
        """Read a quantity as thousandths."""
        given = self.of.get(name)
        if isinstance(given, str | int | Decimal) and not isinstance(given, bool):
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

    def items(self, name: str, kind: Callable[[_Reader], Item], most: int, least: int = 0) -> list[Item]:
        """Read a list of objects."""
        given = self.of.get(name)
        if not isinstance(given, list) or not least <= len(given) <= most:
            self.wrong(
                name, _("This must be a list of %(least)d to %(most)d entries.") % {"least": least, "most": most}
            )
            return []
        return [kind(_Reader(item, f"{self.prefix}{name}.{at}.", self.errors)) for at, item in enumerate(given)]


def _line(read: _Reader) -> SaleLineIn:
    product = read.optional_uuid("product")
    name = read.text("name", _NAME_MOST)
    if product is None and not name and read.of.get("product") is None:
        read.wrong("product", _("A line needs a product, or a name."))
    return SaleLineIn(
        read.optional_uuid("id") or new_id(),
        product,
        read.quantity("quantity"),
        read.whole("unit_price", 0, MAX_MINOR),
        read.amount("discount"),
        name,
        read.text("tax_code", 20),
    )


def _tender(read: _Reader) -> TenderIn:
    change = read.amount("change")
    if change < 0:
        read.wrong("change", _("Change can't be below zero."))
    return TenderIn(_type(read), read.whole("amount", -MAX_MINOR, MAX_MINOR), change, read.text("reference", 100))


def _paid_out(read: _Reader) -> TenderIn:
    return TenderIn(_type(read), abs(read.whole("amount", -MAX_MINOR, MAX_MINOR)), 0, read.text("reference", 100))


def _type(read: _Reader) -> str:
    type = read.text("type", 21)
    if _TYPE.fullmatch(type):
        return type
    read.wrong("type", _("This must be “cash”, “card” or another way to pay, in small letters."))
    return "cash"


def _returned(read: _Reader) -> tuple[UUID, int]:
    milli = read.quantity("quantity")
    if milli <= 0:
        read.wrong("quantity", _("Type a quantity above zero."))
    return read.uuid("line"), milli


def _distinct(lines: Sequence[SaleLineIn]) -> tuple[SaleLineIn, ...]:
    """Give a line a new id where the till used one twice in a sale: the goods are sold either way."""
    seen: set[UUID] = set()
    distinct = []
    for line in lines:
        one = line
        if line.id in seen:
            one = SaleLineIn(
                new_id(), line.product, line.quantity_milli, line.unit_price, line.discount, line.name, line.tax_code
            )
        seen.add(one.id)
        distinct.append(one)
    return tuple(distinct)


def _no_constant(name: str) -> Never:
    raise ValueError(name)

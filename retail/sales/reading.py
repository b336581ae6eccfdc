"""Reading what a till sends: JSON text becomes a sale, or Invalid with a sentence per field; nothing else is raised.

By hand and not by a model, because this is the hottest path of the product.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Never
from uuid import UUID

from retail.identity.approval_uses import OfflineGrant
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.sales.documents import ProofIn, ReturnIn, SaleIn, SaleLineIn, TenderIn
from retail.sales.members import Exponential, Reader, clean
from retail.sales.schemas import LINE_MEMBERS, SALE_MEMBERS, TENDER_MEMBERS
from retail.stock.rules import NOTHING_NAMED, TRACE_MOST, Named

MAX_LINES: Final = 1000
MAX_TENDERS: Final = 20
MAX_NUMBER: Final = 10**12
MAX_OWN_NUMBER: Final = 2**53 - 1
"""What a till's own journal may count to: above every number that its series can be led to, so none is refused."""
_TYPE: Final = re.compile(r"[a-z][a-z_]{0,19}")
NAME_MOST: Final = 1000
"""How much of an article's name is kept; the name on a receipt is what was sold, so it is cut only beyond all use."""
GROUP_MOST: Final = 40
_PROOFS_MOST: Final = 20
_UNREAD_MOST: Final = 20
_UNREAD_LENGTH: Final = 80


def parse_json(text: bytes | str) -> Any:  # noqa: ANN401 - anything that JSON holds
    """Read JSON without losing a digit. Raises Invalid on what isn't JSON, NaN and Infinity included."""
    try:
        return json.loads(text, parse_float=_decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as broken:  # UnicodeDecodeError is a ValueError
        raise Invalid({"": [_("This is not valid JSON.")]}) from broken


def _decimal(text: str) -> Decimal:
    return Decimal(text) if text.isascii() and "e" not in text.lower() else Exponential(text)


def body_hash(document: object) -> bytes:
    """Hash a document's content: SHA-256 of its canonical JSON (sorted keys, no blanks), so order doesn't matter.

    A decimal number counts as its text: 0.5 and "0.5" are one content. Raises Invalid on what is nested too deeply.
    """
    try:
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    except RecursionError as broken:
        raise Invalid({"": [_("This is not valid JSON.")]}) from broken
    return hashlib.sha256(text.encode("ascii")).digest()


def read_sale(document: object, most_number: int = MAX_NUMBER) -> SaleIn:
    """Read one sale. Raises Invalid for what is no sale; what is merely odd is read, and remarked on later."""
    read = Reader(document)
    lines = read.items("lines", _line, MAX_LINES, least=1)
    sale = SaleIn(
        read.uuid("id"),
        read.uuid("till"),
        read.optional_uuid("shift"),
        read.whole("number", 1, most_number),
        read.moment("occurred_at"),
        read.customer("customer"),
        _distinct(lines),
        tuple(read.items("tenders", _tender, MAX_TENDERS)),
        read.whole("total", -MAX_MINOR, MAX_MINOR),
        read.optional_whole("cash_rounding"),
        body_hash(document),
        max(0, _lenient(document, "discount")),
        read_proofs(read.of),
        tuple(read.altered),
        _named_id(read, "fiscal_position"),
        _named_id(read, "exemption"),
        clean(given)[:GROUP_MOST] if isinstance(given := read.of.get("price_group"), str) else "",
    )
    read.check()
    return sale


def _named_id(read: Reader, name: str) -> UUID | None:
    """Read an id that only says how a sale is worked out; one that is none is missed later: a paid sale is stored."""
    given = read.of.get(name)
    if given is None:
        return None
    try:
        return UUID(given) if isinstance(given, str) else UUID(int=0)
    except ValueError:
        return UUID(int=0)


def unread(document: Mapping[str, Any]) -> list[str]:
    """Name the members of a sale that this server doesn't know, at most 20: they were kept out, and mean nothing here.

    Only for who sends a sale by hand or program; a till of a newer version may say more than is known here.
    """
    found = sorted(document.keys() - SALE_MEMBERS)
    for name, known in (("lines", LINE_MEMBERS), ("tenders", TENDER_MEMBERS)):
        for at, one in enumerate(document[name]):
            found += [f"{name}.{at}.{member}" for member in sorted(one.keys() - known)]
    return [clean(name[:_UNREAD_LENGTH]) for name in found[:_UNREAD_MOST]]


def read_return(document: object) -> ReturnIn:
    """Read a return. Amounts paid out may be written above or below zero; they are kept above. Raises Invalid."""
    read = Reader(document)
    lines = read.items("lines", _returned, MAX_LINES, least=1)
    tenders = read.items("tenders", _paid_out, MAX_TENDERS) if read.of.get("tenders") is not None else []
    quantities: dict[UUID, int] = {}
    named: dict[UUID, Named] = {}
    for line, quantity_milli, labels in lines:
        quantities[line] = quantities.get(line, 0) + quantity_milli
        if labels is not NOTHING_NAMED:
            named[line] = labels
    back = ReturnIn(
        read.uuid("id"),
        read.uuid("till"),
        read.optional_uuid("shift"),
        quantities,
        tuple(tenders),
        body_hash(document),
        read.optional_uuid("approval"),
        named,
    )
    read.check()
    return back


def read_proofs(of: Mapping[str, Any]) -> tuple[ProofIn, ...]:
    """Read the approvals that a record brings; what is none is left out, and missed later: a paid sale is stored."""
    given = of.get("approvals")
    found = [_proof(one) for one in given[:_PROOFS_MOST]] if isinstance(given, list) else []
    return tuple(one for one in found if one is not None)


def _proof(given: object) -> ProofIn | None:
    read = Reader(given)
    id, permission = read.uuid("id"), read.text("permission", 40)
    if read.errors:
        return None
    if read.of.get("approver") is None:
        return ProofIn(id, permission)
    grant = OfflineGrant(
        id,
        permission,
        None if read.of.get("amount") is None else read.whole("amount", 0, MAX_MINOR),
        read.text("reason", 200),
        read.moment("asked_at"),
        read.moment("granted_at"),
        read.uuid("approver"),
    )
    return None if read.errors else ProofIn(id, permission, grant)


def _lenient(document: object, name: str) -> int:
    """Read an amount that nothing depends on but a remark; 0 for what is none."""
    given = document.get(name) if isinstance(document, dict) else None
    return given if type(given) is int and abs(given) <= MAX_MINOR else 0


def _line(read: Reader) -> SaleLineIn:
    product = read.optional_uuid("product")
    name = read.text("name", NAME_MOST) or read.text("sku", NAME_MOST)
    quantity_milli, discount = read.quantity("quantity"), read.amount("discount")
    if quantity_milli <= 0 and f"{read.prefix}quantity" not in read.errors:
        read.wrong("quantity", _("A sale's quantity is above zero. Take goods back with a return."))
    if discount < 0:
        read.wrong("discount", _("A discount can't be below zero. Charge another price instead."))
    if product is None and not name and read.of.get("product") is None:
        read.wrong("product", _("A line needs a product, or a name."))
    return SaleLineIn(
        read.optional_uuid("id") or new_id(),
        product,
        quantity_milli,
        read.whole("unit_price", 0, MAX_MINOR),
        discount,
        name,
        read.text("tax_code", 20),
        _lenient(read.of, "list_price") if read.of.get("list_price") is not None else None,
        read_named(read),
    )


def _tender(read: Reader) -> TenderIn:
    change = read.amount("change")
    if change < 0:
        read.wrong("change", _("Change can't be below zero."))
    return TenderIn(_type(read), read.whole("amount", -MAX_MINOR, MAX_MINOR), change, read.text("reference", 100))


def _paid_out(read: Reader) -> TenderIn:
    return TenderIn(_type(read), abs(read.whole("amount", -MAX_MINOR, MAX_MINOR)), 0, read.text("reference", 100))


def _type(read: Reader) -> str:
    type = read.text("type", 21)
    if _TYPE.fullmatch(type):
        return type
    read.wrong("type", _("This must be “cash”, “card” or another way to pay, in small letters."))
    return "cash"


def _returned(read: Reader) -> tuple[UUID, int, Named]:
    milli = read.quantity("quantity")
    if milli <= 0:
        read.wrong("quantity", _("Type a quantity above zero."))
    return read.uuid("line"), milli, read_named(read)


def read_named(read: Reader) -> Named:
    """Read the lot and the serial numbers of a line, as their labels have them; what is none is left out."""
    numbers = read.of.get("serials")
    if numbers is None and read.of.get("lot") is None:
        return NOTHING_NAMED
    texts = numbers if isinstance(numbers, list) else []
    pieces = [_label(one) for one in texts if isinstance(one, str)]
    return Named(_label(read.text("lot", TRACE_MOST)), tuple(dict.fromkeys(one for one in pieces if one)))


def _label(text: str) -> str:
    """Give what a label says on one line, at most 60 letters."""
    return " ".join(clean(text).split())[:TRACE_MOST].strip()


def _distinct(lines: Sequence[SaleLineIn]) -> tuple[SaleLineIn, ...]:
    """Give a line a new id where the till used one twice in a sale: the goods are sold either way."""
    seen: set[UUID] = set()
    distinct = []
    for line in lines:
        one = line
        if line.id in seen:
            one = SaleLineIn(
                new_id(), line.product, line.quantity_milli, line.unit_price, line.discount, line.name, line.tax_code,
                line.list_price,
            )  # fmt: skip
        seen.add(one.id)
        distinct.append(one)
    return tuple(distinct)


def _no_constant(name: str) -> Never:
    raise ValueError(name)

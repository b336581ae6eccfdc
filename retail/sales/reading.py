"""Reading what a till sends: JSON text becomes a sale, or Invalid with a sentence per field; nothing else is raised.

By hand and not by a model, because this is the hottest path of the product.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Never
from uuid import UUID

from retail.identity.approval_uses import OfflineGrant
from retail.kit.errors import Invalid
from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.promotions.codes import plain
from retail.sales.documents import ProofIn, ReturnIn, SaleIn
from retail.sales.line_reading import distinct, lenient, read_line, read_paid_out, read_returned, read_tender
from retail.sales.members import Exponential, Reader, clean
from retail.sales.schemas import LINE_MEMBERS, SALE_MEMBERS, TENDER_MEMBERS
from retail.stock.rules import NOTHING_NAMED, Named

MAX_LINES: Final = 1000
MAX_TENDERS: Final = 20
MAX_NUMBER: Final = 10**12
MAX_OWN_NUMBER: Final = 2**53 - 1
"""What a till's own journal may count to: above every number that its series can be led to, so none is refused."""
_TOKEN_HASH: Final = re.compile("[0-9a-f]{64}")
GROUP_MOST: Final = 40
WHY_MOST: Final = 200
AGE_MOST: Final = 120
_PROOFS_MOST: Final = 20
_COUPONS_MOST: Final = 20
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
    lines = read.items("lines", read_line, MAX_LINES, least=1)
    sale = SaleIn(
        read.uuid("id"),
        read.uuid("till"),
        read.optional_uuid("shift"),
        read.whole("number", 1, most_number),
        read.moment("occurred_at"),
        read.customer("customer"),
        distinct(lines),
        tuple(read.items("tenders", read_tender, MAX_TENDERS)),
        read.whole("total", -MAX_MINOR, MAX_MINOR),
        read.optional_whole("cash_rounding"),
        body_hash(document),
        max(0, lenient(document, "discount")),
        read_proofs(read.of),
        tuple(read.altered),
        _named_id(read, "fiscal_position"),
        _named_id(read, "exemption"),
        clean(given)[:GROUP_MOST] if isinstance(given := read.of.get("price_group"), str) else "",
        _age(read.of.get("checks")),
        _coupons(read.of.get("coupons")),
        version if type(version := read.of.get("promotions")) is int and 0 <= version <= MAX_OWN_NUMBER else None,
        _hash(read.of.get("receipt_link")),
        clean(said).strip()[:WHY_MOST] if isinstance(said := read.of.get("why"), str) else "",
        _named_id(read, "layaway"),
    )
    read.check()
    return sale


def _hash(given: object) -> bytes | None:
    """Read the hash of a token; what is none opens no page."""
    return bytes.fromhex(given) if isinstance(given, str) and _TOKEN_HASH.fullmatch(given) else None


def _named_id(read: Reader, name: str) -> UUID | None:
    """Read an id that only says how a sale is worked out; one that is none is missed later: a paid sale is stored."""
    given = read.of.get(name)
    if given is None:
        return None
    try:
        return UUID(given) if isinstance(given, str) else UUID(int=0)
    except ValueError:
        return UUID(int=0)


def _age(checks: object) -> int | None:
    """Read the age that the cashier checked; what is none was not checked."""
    age = checks.get("age") if isinstance(checks, dict) else None
    return age if type(age) is int and 1 <= age <= AGE_MOST else None


def _coupons(given: object) -> tuple[str, ...]:
    """Read the codes of coupons, each once; what is no code is kept as it was typed, and remarked on."""
    typed = [one for one in given[:_COUPONS_MOST] if isinstance(one, str)] if isinstance(given, list) else []
    return tuple(dict.fromkeys(plain(one) or clean(one)[:_UNREAD_LENGTH] for one in typed if one.strip()))


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
    lines = read.items("lines", read_returned, MAX_LINES, least=1)
    tenders = read.items("tenders", read_paid_out, MAX_TENDERS) if read.of.get("tenders") is not None else []
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


def _no_constant(name: str) -> Never:
    raise ValueError(name)

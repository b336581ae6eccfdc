"""Products from a CSV file: every row is judged, good ones are put on sale as one set, refused ones are reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Final
from uuid import UUID

from retail.catalog.operations import Draft, put_products
from retail.catalog.queries import categories, tax_classes
from retail.catalog.rules import COST_DECIMALS, UNITS, barcode_problem
from retail.kit.barcode import normalise
from retail.kit.errors import Invalid
from retail.kit.ids import new_id
from retail.kit.money import Currency, NotAnAmount, parse_money
from retail.kit.quantity import is_plain
from retail.kit.text import _
from retail.runtime.db import Tx

COLUMNS: Final = ("sku", "name", "price", "tax_class", "category", "barcodes", "unit", "unit_cost", "reorder_point")
NEEDED: Final = ("sku", "name", "price", "tax_class")
MOST_ROWS: Final = 100_000
MOST_BYTES: Final = 16 * 1024 * 1024
CATEGORIES: Final = "/products/categories"
TAXES: Final = "/products/taxes"
_OTHER_KINDS: Final = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\x1f\x8b")
_BINARY: Final = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
_LOOKED_AT: Final = 65_536
_LONGEST_FIGURE: Final = 30
_MOST_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not imported: its line in the file, its SKU as far as it could be read, and why.

    `remedy` is the address of the page where what it lacks can be made, '' where the file itself must be corrected.
    """

    line: int
    sku: str
    reason: str
    remedy: str = ""


@dataclass(slots=True)
class Report:
    """What an import did."""

    created: int = 0
    updated: int = 0
    refused: list[Refusal] = field(default_factory=list)


class RowRefused(Exception):
    """This row can't be imported; the text says why, `remedy` where what it lacks can be made."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Known:
    """What a row may refer to."""

    money: Currency
    tax_classes: Mapping[str, UUID]
    categories: Mapping[str, UUID]
    products: Mapping[str, UUID]
    barcodes: Mapping[str, UUID]


def rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Read the file's rows with their line numbers: UTF-8 (or Windows-1252), comma, semicolon or tab.

    Raises Invalid for a file that is empty or no CSV, lacks a needed column or is too long.
    """
    text = _text(content)
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        yield from _below(reader, header)
    except csv.Error as broken:
        raise Invalid({"file": [_no_csv()]}) from broken


def _text(content: bytes) -> str:
    """Decode the file, which may begin with blank lines. Raises Invalid for an empty one and for what is no text."""
    if any(content.startswith(mark) for mark in _OTHER_KINDS) or any(byte in _BINARY for byte in content[:_LOOKED_AT]):
        raise Invalid({"file": [_no_csv()]})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if not text.strip():
        raise Invalid({"file": [_("The file is empty.")]})
    return text.lstrip("\r\n")


def _no_csv() -> str:
    return _("This is not a CSV file. Save the table as CSV and hand that in.")


def _below(reader: csv.DictReader[str], header: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    missing = [name for name in NEEDED if name not in header]
    wrong = [_("The file lacks the columns: %(names)s.") % {"names": ", ".join(missing)}] if missing else []
    wrong += _lost(header)
    if wrong:
        raise Invalid({"file": [*wrong[:_MOST_TOLD], _("Nothing was imported.")]})
    reader.fieldnames = header
    for count, row in enumerate(reader):
        if count == MOST_ROWS:
            raise Invalid({"file": [_("The file has more than %(most)d rows; split it.") % {"most": MOST_ROWS}]})
        yield reader.line_num, {name: (row.get(name) or "").strip() for name in COLUMNS}


def _lost(header: list[str]) -> list[str]:
    """Say which columns would be thrown away, because their names are not known or stand there twice."""
    wrong = []
    for name in dict.fromkeys(filter(None, header)):
        like = get_close_matches(name.replace(" ", "_"), COLUMNS, 1)
        if name in COLUMNS:
            if header.count(name) > 1:
                wrong.append(_("Column “%(name)s” is there twice. Take one out.") % {"name": name})
        elif like:
            said = _("Column “%(name)s” is not known; did you mean “%(like)s”?")
            wrong.append(said % {"name": name[:_LONGEST_FIGURE], "like": like[0]})
        else:
            said = _("Column “%(name)s” is not known. Rename it or take it out.")
            wrong.append(said % {"name": name[:_LONGEST_FIGURE]})
    return wrong


async def import_products(tx: Tx, content: bytes, money: Currency) -> Report:
    """Put the file's products on sale: known SKUs are changed, new ones made; all in this transaction.

    Raises Invalid for a file that can't be read at all.
    """
    known = await _known(tx, money)
    report = Report()
    drafts: dict[str, Draft] = {}
    claimed: dict[str, str] = {}
    for line, row in rows(content):
        try:
            made = _draft(row, known)
            if made.sku in drafts:
                raise RowRefused(_("This SKU stands in the file twice; the first row counts."))
            _claim_barcodes(made, known, claimed)
        except RowRefused as refused:
            report.refused.append(Refusal(line, row["sku"], str(refused), refused.remedy))
            continue
        drafts[made.sku] = made
        report.created += made.sku not in known.products
        report.updated += made.sku in known.products
    if drafts:
        await put_products(tx, list(drafts.values()))
    return report


async def _known(tx: Tx, money: Currency) -> Known:
    products = await tx.fetch("SELECT id, sku FROM product WHERE tenant_id = $1", tx.tenant)
    codes = await tx.fetch("SELECT normalised, product_id FROM barcode WHERE tenant_id = $1", tx.tenant)
    return Known(
        money,
        {tax.code.lower(): tax.id for tax in await tax_classes(tx)},
        {group.name.lower(): group.id for group in await categories(tx)},
        {row["sku"]: row["id"] for row in products},
        {row["normalised"]: row["product_id"] for row in codes},
    )


def _draft(row: Mapping[str, str], known: Known) -> Draft:
    for name in NEEDED:
        if not row[name]:
            raise RowRefused(_("%(column)s is empty.") % {"column": name})
    tax = known.tax_classes.get(row["tax_class"].lower())
    if tax is None:
        raise RowRefused(_("There is no tax class %(code)s. Make it first.") % {"code": row["tax_class"]}, TAXES)
    group = known.categories.get(row["category"].lower())
    if row["category"] and group is None:
        raise RowRefused(_("There is no category %(name)s. Make it first.") % {"name": row["category"]}, CATEGORIES)
    unit = row["unit"] or "each"
    if unit not in UNITS:
        raise RowRefused(_("The unit must be one of %(units)s.") % {"units": ", ".join(UNITS)})
    made = Draft(
        id=known.products.get(row["sku"]) or new_id(),
        sku=row["sku"],
        name=row["name"],
        tax_class=tax,
        price_minor=_price(row["price"], known.money),
        category=group,
        barcodes=tuple(dict.fromkeys(row["barcodes"].replace("|", " ").split())),
        unit=unit,
        decimals=0 if unit == "each" else 3,
        unit_cost=_unit_cost(row["unit_cost"], known.money),
        reorder_point=_decimal(row["reorder_point"], 3, "reorder_point"),
    )
    return _within_bounds(made)


def _within_bounds(made: Draft) -> Draft:
    if len(made.sku) > 60 or len(made.name) > 160:
        raise RowRefused(_("The SKU has at most 60 characters, the name at most 160."))
    for code in made.barcodes:
        problem = barcode_problem(code)
        if problem:
            raise RowRefused(problem)
    return replace(made, name="".join(c for c in made.name if c.isprintable()))


def _claim_barcodes(made: Draft, known: Known, claimed: dict[str, str]) -> None:
    codes = [normalise(code) for code in made.barcodes]
    for code, printed in zip(codes, made.barcodes, strict=True):
        if known.barcodes.get(code, made.id) != made.id or claimed.get(code, made.sku) != made.sku:
            raise RowRefused(_("Barcode %(code)s belongs to another product.") % {"code": printed})
    claimed.update(dict.fromkeys(codes, made.sku))


def _price(text: str, money: Currency) -> int:
    try:
        minor = parse_money(text, money, "en")
    except NotAnAmount as wrong:
        raise RowRefused(_("%(column)s: %(reason)s") % {"column": "price", "reason": wrong}) from wrong
    if not 0 <= minor <= 100_000_000:
        raise RowRefused(_("price: The price must lie between zero and one million."))
    return minor


def _unit_cost(text: str, money: Currency) -> Decimal:
    """Read a cost, which a file gives in the currency's own units, in minor units."""
    return (_decimal(text, COST_DECIMALS + money.exponent, "unit_cost") or Decimal(0)).scaleb(money.exponent)


def _decimal(text: str, places: int, column: str) -> Decimal | None:
    if not text:
        return None
    plain = text.replace(",", ".")
    if len(plain) > _LONGEST_FIGURE or not is_plain(plain):
        raise RowRefused(_("%(column)s is not a number.") % {"column": column})
    value = Decimal(plain)
    if value < 0 or value > 10**9 or value != round(value, places):
        raise RowRefused(
            _("%(column)s must be zero or more, with at most %(places)d decimals.")
            % {"column": column, "places": places}
        )
    return value

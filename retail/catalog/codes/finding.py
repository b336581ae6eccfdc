"""From a scan or a typed code to the article: read by the business's rules, looked for in the order of its forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.catalog.codes.reading import Reading, Terms, read_scan, unbracketed
from retail.catalog.codes.rulebook import layouts
from retail.catalog.codes.skus import MEANT
from retail.kit.currency_numbers import currency_number
from retail.runtime.db import Read
from retail.tenants.queries import this_tenant

_NAMED: Final = MEANT.format("u.form")


@dataclass(frozen=True, slots=True)
class Article:
    """The article that a code leads to."""

    id: UUID
    sku: str
    name: str
    unit: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a code says, and the article it leads to; None where nothing on sale has it."""

    reading: Reading
    article: Article | None

    @property
    def quantity_milli(self) -> int | None:
        """Give how much the code itself says there is, in thousandths of the article's unit; None where it doesn't."""
        if self.article is None:
            return None
        measures = self.reading.measures
        if not self.article.decimals:
            return measures.get("each")
        return measures.get(self.article.unit, measures.get("own"))


async def terms(read: Read) -> Terms:
    """Give what reading depends on in this business today."""
    facts = await this_tenant(read)
    return Terms(await layouts(read), facts.money.exponent, currency_number(facts.currency), read.now.year)


async def find(read: Read, text: str) -> Found:
    """Read what was scanned or typed, "(01)…" with brackets too, and look for its article among those on sale."""
    reading = read_scan(unbracketed(text), await terms(read))
    return Found(reading, await _article(read, reading))


async def off_sale(read: Read, found: Found) -> Article | None:
    """Find the archived article of a code that leads to nothing on sale: it isn't unknown, it isn't sold any more."""
    return None if found.article else await _article(read, found.reading, archived=True)


async def _article(read: Read, reading: Reading, *, archived: bool = False) -> Article | None:
    """Find the article of the first form that one has, as a barcode or as a SKU."""
    if not reading.candidates:
        return None
    row = await read.fetchrow(
        f"""SELECT p.id, p.sku, p.name, p.unit, p.decimals
             FROM unnest($2::text[]) WITH ORDINALITY AS u (form, place)
             JOIN LATERAL (SELECT b.product_id AS id FROM barcode b WHERE b.tenant_id = $1 AND b.normalised = u.form
                           UNION ALL SELECT {_NAMED}) f ON true
             JOIN product p ON p.tenant_id = $1 AND p.id = f.id AND (p.archived_at IS NOT NULL) = $3
            ORDER BY u.place LIMIT 1""",  # noqa: S608
        read.tenant,
        list(reading.candidates),
        archived,
    )
    return Article(**row) if row else None

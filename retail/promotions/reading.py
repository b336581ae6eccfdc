"""Lists of offers and of codes, page by page; and what an offer has done so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from retail.kit.folding import folded
from retail.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from retail.promotions.facts import OfferFacts, facts_of
from retail.runtime.conditions import Conditions
from retail.runtime.db import Read

_STANDING: Final = {
    "draft": "o.state = 'draft' AND {}::timestamptz IS NOT NULL",
    # bounds that are null are none
    "running": "o.state = 'running' AND tstzrange(o.starts_at, o.ends_at) @> {}::timestamptz",
    "to_come": "o.state = 'running' AND o.starts_at > {}",
    "paused": "o.state = 'paused' AND {}::timestamptz IS NOT NULL",
    "over": "o.state = 'running' AND o.ends_at <= {}",
    "ended": "o.state = 'ended' AND {}::timestamptz IS NOT NULL",
}
STANDINGS: Final = tuple(_STANDING)
_OFFERS: Final = "SELECT o.* FROM offer o WHERE o.tenant_id = $1{where} ORDER BY o.id DESC LIMIT {limit}"
_CODES: Final = (
    "SELECT c.id, c.code, c.uses, c.used FROM coupon_code c WHERE c.tenant_id = $1{where} ORDER BY c.id LIMIT {limit}"
)
_DONE: Final = """
SELECT count(DISTINCT t.sale_id) AS sales, coalesce(sum(t.amount_minor), 0)::bigint AS given
  FROM sale_offer t JOIN sale s ON s.tenant_id = $1 AND s.id = t.sale_id
 WHERE t.tenant_id = $1 AND t.offer_id = $2
"""
_LINES_DONE: Final = """
SELECT coalesce(sum(l.net_minor), 0)::bigint AS net, coalesce(sum(l.cost_minor), 0)::bigint AS cost
  FROM sale_offer t JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = t.sale_id AND l.id = t.line_id
 WHERE t.tenant_id = $1 AND t.offer_id = $2
"""
_TOP: Final = """
SELECT l.product_id, l.name, sum(t.amount_minor)::bigint AS given
  FROM sale_offer t JOIN sale_line l ON l.tenant_id = $1 AND l.sale_id = t.sale_id AND l.id = t.line_id
 WHERE t.tenant_id = $1 AND t.offer_id = $2 GROUP BY l.product_id, l.name ORDER BY given DESC, l.name LIMIT 10
"""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a series, and how often it was used."""

    id: UUID
    code: str
    uses: int | None
    used: int


@dataclass(frozen=True, slots=True)
class Done:
    """What an offer has done: sales with it, given away; of its lines what came in without tax, and what they cost."""

    sales: int
    given_minor: int
    net_minor: int
    cost_minor: int
    top: tuple[tuple[str, int], ...]

    @property
    def margin_minor(self) -> int:
        """Give what is left of the lines after their cost."""
        return self.net_minor - self.cost_minor


async def offers(
    read: Read,
    *,
    text: str = "",
    standing: str = "",
    kind: str = "",
    limit: int | None = None,
    after: str | None = None,
) -> Page[OfferFacts]:
    """List offers, the newest first; every word of `text` is in the name. Raises Invalid."""
    where = Conditions(read.tenant)
    for word in folded(text).split():
        where.add("strpos(search_form(o.name, '', '{{}}'), {}) > 0", word)
    if standing:
        where.add(_STANDING[standing], read.now)
    if kind:
        where.add("o.kind = {}", kind)
    if after is not None:
        where.add("o.id < {}", UUID(str(decode_cursor(after, str)[0])))
    most = clamp_limit(limit)
    rows = await read.fetch(_OFFERS.format(where=where.sql, limit=most + 1), *where.args)
    shown = [facts_of(row) for row in rows[:most]]
    return Page(shown, encode_cursor(str(shown[-1].id)) if len(rows) > most else None)


async def codes_of(read: Read, series: UUID, *, limit: int | None = None, after: str | None = None) -> Page[Code]:
    """List the codes of a series, as they were made. Raises Invalid."""
    where = Conditions(read.tenant)
    where.add("c.series_id = {}", series)
    if after is not None:
        where.add("c.id > {}", UUID(str(decode_cursor(after, str)[0])))
    most = clamp_limit(limit)
    rows = await read.fetch(_CODES.format(where=where.sql, limit=most + 1), *where.args)
    shown = [Code(*row) for row in rows[:most]]
    return Page(shown, encode_cursor(str(shown[-1].id)) if len(rows) > most else None)


async def done(read: Read, offer: UUID) -> Done:
    """Add up what an offer has done."""
    sums = await read.fetchrow(_DONE, read.tenant, offer)
    lines = await read.fetchrow(_LINES_DONE, read.tenant, offer)
    top = await read.fetch(_TOP, read.tenant, offer)
    if sums is None or lines is None:
        raise LookupError("sums without a row")
    named = tuple((row["name"], row["given"]) for row in top)
    return Done(sums["sales"], sums["given"], lines["net"], lines["cost"], named)

"""Coupons: series and their codes, whether a code is good, and counting its uses when sales arrive.

A code is counted behind its row's lock, so two tills that took it at the same moment are told apart. Nothing that was
paid is refused: one use too many is an exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from retail.catalog.events import CatalogueChanged
from retail.catalog.products.versions import lock_catalogue, next_version
from retail.kit.errors import Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.text import _
from retail.promotions import codes
from retail.promotions.errors import TakesNoCoupons
from retail.promotions.offers import offer
from retail.runtime.db import Read, Row, Tx

MOST_AT_ONCE: Final = 5_000
PREFIX_LENGTH: Final = (2, 8)
WORD_LENGTH: Final = (3, 20)
_MOST_USES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """Coupons for an offer; `uses` is how often each code can be used, None: without a bound."""

    id: UUID
    offer: UUID
    kind: str
    prefix: str
    uses: int | None
    expires_at: datetime | None
    made: int = 0
    used: int = 0
    created_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a code is good for: the offer, or why not (unknown, misread, used, expired, closed, offer)."""

    code: str
    offer: UUID | None = None
    offer_name: str = ""
    why: str = ""
    used: int = 0
    uses: int | None = None

    def sentence(self) -> str:
        """Say it to who holds the coupon in their hand."""
        return {
            "": _("Good for %(offer)s.") % {"offer": self.offer_name},
            "unknown": _("We don't know this code. Read it again."),
            "misread": _("A letter or digit of this code is wrong. Read it again."),
            "used": _("This coupon is used up."),
            "expired": _("This coupon is no longer valid."),
            "closed": _("These coupons were taken back."),
            "offer": _("The offer of this coupon, %(offer)s, doesn't run now.") % {"offer": self.offer_name},
        }[self.why]


_ALL: Final = """
SELECT s.*, coalesce((SELECT sum(c.used) FROM coupon_code c WHERE c.tenant_id = $1 AND c.series_id = s.id), 0) AS used
  FROM coupon_series s WHERE s.tenant_id = $1 AND s.offer_id = $2 ORDER BY s.id DESC
"""
_FIND: Final = """
SELECT c.id, c.uses, c.used, s.expires_at, s.closed_at, o.id AS offer, o.name, o.state, o.ends_at
  FROM coupon_code c
  JOIN coupon_series s ON s.tenant_id = $1 AND s.id = c.series_id
  JOIN offer o ON o.tenant_id = $1 AND o.id = s.offer_id
 WHERE c.tenant_id = $1 AND c.code = $2
"""


async def series_of(read: Read, id: UUID) -> list[Series]:
    """Give the series of an offer, the newest first."""
    return [_series(row) for row in await read.fetch(_ALL, read.tenant, id)]


async def series(read: Read, id: UUID) -> Series:
    """Give one series. Raises NotFound."""
    row = await read.fetchrow(
        """SELECT s.*, coalesce((SELECT sum(c.used) FROM coupon_code c
                                  WHERE c.tenant_id = $1 AND c.series_id = s.id), 0) AS used
             FROM coupon_series s WHERE s.tenant_id = $1 AND s.id = $2""",
        read.tenant,
        id,
    )
    if row is None:
        raise NotFound("coupon_series")
    return _series(row)


async def make_series(tx: Tx, wanted: Series, count: int) -> Series:
    """Make a series: `count` codes, or its one word. Raises Invalid, NotFound, TakesNoCoupons."""
    await lock_catalogue(tx)
    of = await offer(tx, wanted.offer)
    if not of.coupon:
        raise TakesNoCoupons
    await _check(tx, wanted, count)
    made = _codes(wanted, count)
    await tx.execute(
        """INSERT INTO coupon_series (tenant_id, id, offer_id, kind, prefix, uses, expires_at, made, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        tx.tenant, wanted.id, wanted.offer, wanted.kind, wanted.prefix, wanted.uses, wanted.expires_at, len(made),
        tx.now,
    )  # fmt: skip
    await tx.execute(
        """INSERT INTO coupon_code (tenant_id, id, series_id, code, uses, used, created_at)
           SELECT $1, u.id, $2, u.code, $3, 0, $4 FROM unnest($5::uuid[], $6::text[]) AS u (id, code)""",
        tx.tenant, wanted.id, wanted.uses, tx.now, [new_id() for _one in made], made,
    )  # fmt: skip
    tx.audit(
        "coupons.made", "offer", wanted.offer, name=of.name, series=wanted.id, prefix=wanted.prefix, codes=len(made)
    )
    await _tell(tx)
    return await series(tx, wanted.id)


async def close_series(tx: Tx, id: UUID) -> None:
    """Take a series back: its codes are good for nothing from now on. Once more does nothing. Raises NotFound."""
    await lock_catalogue(tx)
    facts = await series(tx, id)
    if facts.closed_at is None:
        await tx.execute(
            "UPDATE coupon_series SET closed_at = $3 WHERE tenant_id = $1 AND id = $2", tx.tenant, id, tx.now
        )
        tx.audit("coupons.closed", "offer", facts.offer, series=id, prefix=facts.prefix)
        await _tell(tx)


async def check(read: Read, typed: str) -> Judged:
    """Say what a code is good for; nothing is used by it."""
    code = codes.plain(typed)
    row = await read.fetchrow(_FIND, read.tenant, code) if code else None
    if row is None:
        return Judged(code, why=await _unknown(read, code) if code else "unknown")
    ended = row["ends_at"] is not None and row["ends_at"] <= read.now
    why = (
        "closed"
        if row["closed_at"] is not None
        else "expired"
        if row["expires_at"] is not None and row["expires_at"] <= read.now
        else "used"
        if row["uses"] is not None and row["used"] >= row["uses"]
        else "offer"
        if row["state"] != "running" or ended
        else ""
    )
    return Judged(code, row["offer"], row["name"], why, row["used"], row["uses"])


async def hold_codes(tx: Tx, wanted: Sequence[str]) -> dict[str, Row]:
    """Lock codes that sales bring, sorted, until the commit; gives what is known of them."""
    rows = await tx.fetch(
        """SELECT c.id, c.code, c.uses, c.used, s.offer_id, s.expires_at, s.closed_at
             FROM coupon_code c JOIN coupon_series s ON s.tenant_id = $1 AND s.id = c.series_id
            WHERE c.tenant_id = $1 AND c.code = ANY ($2::text[]) ORDER BY c.id FOR UPDATE OF c""",
        tx.tenant,
        sorted(set(wanted)),
    )
    return {row["code"]: row for row in rows}


async def use_codes(tx: Tx, uses: Mapping[UUID, Sequence[UUID]]) -> None:
    """Count the codes that newly stored sales have used; they are held."""
    pairs = [(sale, code) for sale, some in uses.items() for code in some]
    if not pairs:
        return
    await tx.execute(
        """INSERT INTO coupon_use (tenant_id, sale_id, code_id, used_at)
           SELECT $1, u.sale, u.code, $2 FROM unnest($3::uuid[], $4::uuid[]) AS u (sale, code)""",
        tx.tenant, tx.now, [sale for sale, _code in pairs], [code for _sale, code in pairs],
    )  # fmt: skip
    await tx.execute(
        """UPDATE coupon_code c SET used = c.used + n.times
             FROM (SELECT code, count(*) AS times FROM unnest($2::uuid[]) AS code GROUP BY code) n
            WHERE c.tenant_id = $1 AND c.id = n.code""",
        tx.tenant,
        [code for _sale, code in pairs],
    )


async def _unknown(read: Read, code: str) -> str:
    prefixes = await read.fetch("SELECT prefix FROM coupon_series WHERE tenant_id = $1 AND kind = 'made'", read.tenant)
    near = [one["prefix"] for one in prefixes if code.startswith(one["prefix"])]
    return "misread" if near and not any(codes.is_made(code, prefix) for prefix in near) else "unknown"


async def _check(tx: Tx, wanted: Series, count: int) -> None:
    wrong: dict[str, list[str]] = {}
    least, most = PREFIX_LENGTH if wanted.kind == "made" else WORD_LENGTH
    if not least <= len(wanted.prefix) <= most or codes.plain(wanted.prefix) != wanted.prefix:
        said = _("Type %(least)d to %(most)d letters from A to Z, or digits.")
        wrong["prefix"] = [said % {"least": least, "most": most}]
    elif await tx.fetchval(
        """SELECT EXISTS (SELECT FROM coupon_series WHERE tenant_id = $1 AND prefix = $2)
               OR EXISTS (SELECT FROM coupon_code WHERE tenant_id = $1 AND code = $2)""",
        tx.tenant,
        wanted.prefix,
    ):
        wrong["prefix"] = [_("Other coupons begin so already. Choose another beginning.")]
    if wanted.kind == "made" and not 1 <= count <= MOST_AT_ONCE:
        wrong["count"] = [_("Type a whole number from %(least)d to %(most)d.") % {"least": 1, "most": MOST_AT_ONCE}]
    if wanted.uses is not None and not 1 <= wanted.uses <= _MOST_USES:
        wrong["uses"] = [_("Type a whole number from %(least)d to %(most)d.") % {"least": 1, "most": _MOST_USES}]
    if wanted.expires_at is not None and wanted.expires_at <= tx.now:
        wrong["expires_at"] = [_("That moment has passed. Choose a later one.")]
    if wrong:
        raise Invalid(wrong)


def _codes(wanted: Series, count: int) -> list[str]:
    if wanted.kind == "word":
        return [wanted.prefix]
    made: dict[str, None] = {}
    while len(made) < count:
        made[codes.make(wanted.prefix)] = None
    return list(made)


async def _tell(tx: Tx) -> None:
    version = await next_version(tx)
    await tx.execute("UPDATE catalogue_head SET offers_version = $2 WHERE tenant_id = $1", tx.tenant, version)
    tx.emit(CatalogueChanged(version))


def _series(row: Row) -> Series:
    return Series(
        row["id"], row["offer_id"], row["kind"], row["prefix"], row["uses"], row["expires_at"], row["made"],
        int(row["used"]), row["created_at"], row["closed_at"],
    )  # fmt: skip

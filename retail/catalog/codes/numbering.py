"""Giving products their SKUs and own barcodes: in one series per category and year, without a gap and never twice.

A number is taken and its product stored in one transaction, behind the locks of the catalogue's head and of the series'
own row: what is rolled back gives its number back, and nobody else took the next one meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from retail.catalog.codes.errors import NoLettersLeft, SeriesFull
from retail.catalog.codes.series import (
    LAST_NUMBER,
    NO_CATEGORY,
    letters_for,
    matching_barcode,
    running_barcode,
    sku_of,
)
from retail.catalog.codes.skus import ALIKE, small
from retail.kit.barcode import normalise
from retail.runtime.db import Read, Tx
from retail.tenants.queries import this_tenant

if TYPE_CHECKING:
    from retail.catalog.operations import Draft

DEFAULT_PREFIX: Final = "29"
_GIVEN: Final = f"SELECT p.sku FROM product p WHERE p.tenant_id = $1 AND {ALIKE}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Rule:
    """How a business makes its own barcodes. Of new products without a barcode, `always` gives each one of them.

    `matching` gives one to those whose SKU is given by us too: the barcode that says the same.
    """

    prefix: str = DEFAULT_PREFIX
    last: int = 0
    always: bool = False
    matching: bool = True


async def code_rule(read: Read) -> Rule:
    """Give the business's rule, or the one that holds until it makes its own."""
    row = await read.fetchrow(
        "SELECT own_prefix, own_last, own_always, own_matching FROM code_rule WHERE tenant_id = $1", read.tenant
    )
    return Rule(*row.values()) if row else Rule()


async def save_code_rule(tx: Tx, rule: Rule) -> None:
    """Keep the rule."""
    await tx.execute(
        """INSERT INTO code_rule (tenant_id, own_prefix, own_last, own_always, own_matching)
           VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (tenant_id) DO UPDATE
              SET own_prefix = excluded.own_prefix, own_last = excluded.own_last, own_always = excluded.own_always,
                  own_matching = excluded.own_matching""",
        tx.tenant,
        rule.prefix,
        rule.last,
        rule.always,
        rule.matching,
    )


async def named(tx: Tx, drafts: Sequence[Draft], known: Collection[UUID]) -> list[Draft]:
    """Give what lacks one a SKU, and new products a barcode of our own where the rule says so.

    Products in `known` exist and keep the SKU they have. Runs behind the catalogue's lock. Raises SeriesFull.
    """
    made = await _with_skus(tx, drafts, known)
    bare = [draft for draft in made if not draft.barcodes and draft.id not in known]
    rule = await code_rule(tx) if bare else Rule()
    if not rule.always:
        ours = {draft.id for draft in drafts if not draft.sku} if rule.matching else set()
        bare = [draft for draft in bare if draft.id in ours]
    if not bare:
        return made
    typed = [code for draft in made for code in draft.barcodes]
    given = dict(zip([draft.id for draft in bare], await own_barcodes(tx, [d.sku for d in bare], typed), strict=True))
    return [replace(draft, barcodes=(given[draft.id],)) if draft.id in given else draft for draft in made]


async def _with_skus(tx: Tx, drafts: Sequence[Draft], known: Collection[UUID]) -> list[Draft]:
    blank = [draft for draft in drafts if not draft.sku]
    if not blank:
        return list(drafts)
    rows = await tx.fetch(
        "SELECT id, sku FROM product WHERE tenant_id = $1 AND id = ANY($2)",
        tx.tenant,
        [draft.id for draft in blank if draft.id in known],
    )
    skus: dict[UUID, str] = {row["id"]: row["sku"] for row in rows}
    letters = await _letters(tx, {draft.category for draft in blank if draft.category and draft.id not in skus})
    wanting: dict[str, list[UUID]] = defaultdict(list)
    for draft in blank:
        if draft.id not in skus:
            wanting[letters[draft.category] if draft.category else NO_CATEGORY].append(draft.id)
    year = tx.now.astimezone(ZoneInfo((await this_tenant(tx)).timezone)).year % 100
    typed = {small(draft.sku) for draft in drafts}
    for series, ids in sorted(wanting.items()):
        skus |= dict(zip(ids, await _take(tx, series, year, len(ids), typed), strict=True))
    return [draft if draft.sku else replace(draft, sku=skus[draft.id]) for draft in drafts]


async def _letters(tx: Tx, wanted: Collection[UUID]) -> dict[UUID, str]:
    """Give the letters of categories; those that have none get some. Raises NoLettersLeft."""
    if not wanted:
        return {}
    rows = await tx.fetch("SELECT id, name, sku_letters FROM category WHERE tenant_id = $1 ORDER BY id", tx.tenant)
    letters: dict[UUID, str] = {row["id"]: row["sku_letters"] for row in rows if row["sku_letters"]}
    for row in rows:
        if row["id"] in letters or row["id"] not in wanted:
            continue
        try:
            letters[row["id"]] = letters_for(row["name"], set(letters.values()))
        except ValueError as none:
            raise NoLettersLeft from none
        await tx.execute(
            "UPDATE category SET sku_letters = $3 WHERE tenant_id = $1 AND id = $2",
            tx.tenant,
            row["id"],
            letters[row["id"]],
        )
    return letters


async def _take(tx: Tx, letters: str, year: int, count: int, typed: Collection[str]) -> list[str]:
    """Take the next `count` SKUs of a series, passing over those that people have typed by hand. Raises SeriesFull."""
    await tx.execute(
        "INSERT INTO sku_series (tenant_id, letters, year, last) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
        tx.tenant,
        letters,
        year,
    )
    last: int = await tx.fetchval(
        "SELECT last FROM sku_series WHERE tenant_id = $1 AND letters = $2 AND year = $3 FOR UPDATE",
        tx.tenant,
        letters,
        year,
    )
    taken: list[str] = []
    while len(taken) < count:
        span = range(last + 1, last + 1 + count - len(taken))
        if span[-1] > LAST_NUMBER:
            raise SeriesFull(f"{letters}{year:02d}")
        candidates = [sku_of(letters, year, number) for number in span]
        rows = await tx.fetch(_GIVEN, tx.tenant, candidates)
        used = {small(row["sku"]) for row in rows} | set(typed)
        taken += [sku for sku in candidates if small(sku) not in used]
        last = span[-1]
    await tx.execute(
        "UPDATE sku_series SET last = $4 WHERE tenant_id = $1 AND letters = $2 AND year = $3",
        tx.tenant,
        letters,
        year,
        last,
    )
    return taken


async def own_barcodes(tx: Tx, skus: Sequence[str], typed: Iterable[str] = ()) -> list[str]:
    """Make an EAN-13 of the business's own for each SKU: the matching one, or the next of a running series.

    None of them belongs to a product, or is among `typed`. Runs behind the catalogue's lock.
    """
    rule = await code_rule(tx)
    matching = [matching_barcode(rule.prefix, sku) for sku in skus]
    used = {normalise(code) for code in typed} | await _used(tx, [code for code in matching if code])
    made = ["" if normalise(code) in used else code for code in matching]
    last, lacking = rule.last, [place for place, code in enumerate(made) if not code]
    while lacking:
        numbers = range(last + 1, last + 1 + len(lacking))
        codes = [running_barcode(rule.prefix, number) for number in numbers]
        used |= await _used(tx, codes)
        for code in codes:
            if normalise(code) not in used:
                made[lacking.pop()] = code
        last = numbers[-1]
    if last != rule.last:
        await save_code_rule(tx, replace(rule, last=last))
    return made


async def _used(tx: Tx, codes: Sequence[str]) -> set[str]:
    rows = await tx.fetch(
        "SELECT normalised FROM barcode WHERE tenant_id = $1 AND normalised = ANY($2)",
        tx.tenant,
        [normalise(code) for code in codes],
    )
    return {row["normalised"] for row in rows}

"""What a few letters find, the likeliest first: for boxes that show a handful, not for lists with pages."""

from __future__ import annotations

from typing import Final

from retail.catalog import queries
from retail.catalog.queries import ProductFacts, Wanted
from retail.kit.folding import folded
from retail.runtime.db import Read, Row

MOST_LOOKED_AT: Final = 400
"""How much of what the letters find, by name: one walk of the search's index, which holds all that is read."""

# Where there is more, names that begin so may lie behind it: they are a stretch of the index.
_BEGINS: Final = "p.sort_name >= {} AND p.sort_name < {} || chr(1114111)"
_FOUND: Final = """
SELECT p.id, p.sort_name, p.search_text FROM product p WHERE p.tenant_id = $1{where}
 ORDER BY p.sort_name, p.id LIMIT {limit}"""


async def best(read: Read, text: str, limit: int) -> list[ProductFacts]:
    """Give what is on sale and found by `text`: names that begin so, then with a word that does, then the others.

    Where the letters find more than MOST_LOOKED_AT, a word that begins so is looked for among the first of them only.
    """
    letters = " ".join(folded(text).split())
    conditions = queries.narrowing(read.tenant, Wanted(text=text))
    rows = await read.fetch(_FOUND.format(where=conditions.sql, limit=MOST_LOOKED_AT), *conditions.args)
    if len(rows) == MOST_LOOKED_AT:
        typed = " ".join(text.lower().split())
        conditions.add(_BEGINS, typed, typed)
        rows += await read.fetch(_FOUND.format(where=conditions.sql, limit=int(limit)), *conditions.args)
    rows.sort(key=lambda row: (_rank(row, letters), row["sort_name"], row["id"]))
    ids = list(dict.fromkeys(row["id"] for row in rows))[:limit]
    if not ids:
        return []
    page = await queries.products(read, Wanted(ids=frozenset(ids)), limit=limit, after=None)
    found = {one.id: one for one in page.items}
    return [found[id] for id in ids if id in found]


def _rank(row: Row, letters: str) -> int:
    searched = row["search_text"]  # the name, then SKU and tags
    return 0 if searched.startswith(letters) else 1 if f" {letters}" in searched else 2

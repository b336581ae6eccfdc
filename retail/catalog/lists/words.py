"""The words of product names, and which of them was meant by one that no product has.

A word with one slip (a letter too much, too few, a wrong one, two swapped) has its beginning or its end right: all
words with the same beginning or end are looked up by index, and compared one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from retail.kit.folding import folded, one_slip_apart
from retail.runtime.db import Read, Tx

_WORD: Final = re.compile(r"[^\W\d_]{4,40}")
_MOST: Final = 2_000
_LAST: Final = "\U0010ffff"
_REMEMBER: Final = """
INSERT INTO search_word (tenant_id, word) SELECT $1, w FROM unnest($2::text[]) AS w ON CONFLICT DO NOTHING"""
_LIKE: Final = f"""
(SELECT word FROM search_word WHERE tenant_id = $1 AND word >= $2 AND word < $3 LIMIT {_MOST})
 UNION
(SELECT word FROM search_word WHERE tenant_id = $1 AND turned >= $4 AND turned < $5 LIMIT {_MOST})"""  # noqa: S608


def words_in(name: str) -> set[str]:
    """Give the words of a name that may be mistyped: of four letters and more, without digits."""
    return {word for word in folded(name).split() if _WORD.fullmatch(word)}


async def remember_words(tx: Tx, names: Iterable[str]) -> None:
    """Keep the words of these names; the caller holds the catalogue's head, so that two never wait for each other."""
    found = sorted(set().union(*(words_in(name) for name in names)))
    if found:
        await tx.execute(_REMEMBER, tx.tenant, found)


async def meant(read: Read, text: str) -> str | None:
    """Give the text with each word that is one slip away from a known one put right; None where none is."""
    typed = folded(text).split()
    put_right = [await _meant(read, word) for word in typed]
    return None if put_right == typed else " ".join(put_right)


async def _meant(read: Read, typed: str) -> str:
    if not _WORD.fullmatch(typed):
        return typed
    part = (len(typed) - 1) // 2
    begin, end = typed[:part], typed[: -part - 1 : -1]
    rows = await read.fetch(_LIKE, read.tenant, begin, begin + _LAST, end, end + _LAST)
    near = [row["word"] for row in rows if _near(typed, row["word"])]
    return min(near, key=lambda word: (word[0] != typed[0], abs(len(word) - len(typed)), word), default=typed)


def _near(typed: str, word: str) -> bool:
    """Claim that the word is meant, or begins as it is typed so far."""
    return any(one_slip_apart(typed, word[:length]) for length in range(len(typed) - 1, len(typed) + 2))

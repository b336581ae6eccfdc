"""Columns: what a file of a kind may say, how its headings are recognised, and how one column becomes another's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from retail.automation.cells import Sort
from retail.kit.text import _

IGNORED: Final = ""
_CLOSE: Final = 0.86


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a kind of file. `needed`: a new row can't do without; `cost`: only for who may see costs.

    `hint` tells people what to write; `also` are other headings that mean it. `key`: it only finds the row's subject.
    """

    name: str
    label: str
    sort: Sort
    hint: str
    also: tuple[str, ...] = ()
    needed: bool = False
    cost: bool = False
    key: bool = False

    @property
    def words(self) -> str:
        """Name it for people."""
        return _(self.label)

    @property
    def told(self) -> str:
        """Tell people what to write."""
        return _(self.hint)


def said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message


def heading_of(text: str) -> str:
    """Bring a heading to the form it is compared and remembered in: small letters, digits, single blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", folded).split())[:200]


def own_names(columns: Iterable[Column]) -> set[str]:
    """Give the headings that our own lists have: whoever leaves one out does so in this file, not in all to come."""
    return {heading_of(word) for column in columns for word in (column.name, column.label, column.words)}


def guess(header: Sequence[str], columns: Sequence[Column], known: Mapping[str, str]) -> list[str]:
    """Guess which column each heading means; "" where none does.

    What this business said before (`known`) wins, then our own names and labels, other usual names, then what is
    spelt nearly so. That one of our own names was left out once counts for that once.
    No column is given twice: the first heading has it.
    """
    names: dict[str, str] = {}
    for column in columns:
        for word in (column.name, column.label, column.words, *column.also):
            names.setdefault(heading_of(word), column.name)
    own = own_names(columns)
    known = {heading: name for heading, name in known.items() if name != IGNORED or heading not in own}
    allowed = {column.name for column in columns}
    found = [_guess_one(heading_of(one), names, allowed, known) for one in header]
    taken: set[str] = set()
    for place, name in enumerate(found):
        if name in taken:
            found[place] = IGNORED
        taken.add(name)
    return found


def _guess_one(heading: str, names: Mapping[str, str], allowed: set[str], known: Mapping[str, str]) -> str:
    if not heading:
        return IGNORED
    if known.get(heading) in allowed | {IGNORED}:
        return known[heading]
    if heading in names:
        return names[heading]
    close = get_close_matches(heading, list(names), 1, _CLOSE)
    return names[close[0]] if close else IGNORED

"""Errors that a page has no place for: a sentence filed under a field that the form lacks stands at the form's top.

A template shows the errors of the fields it has. Which those are, only what it wrote tells, so that is read: a sentence
that stands there less often than it was filed is unshown. `form_errors` leaves a mark where its form begins, and the
unshown sentences come in its place; those of a page without such a mark come on top of what it shows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from markupsafe import Markup, escape

_TOP: Final = re.compile(r"<main\b[^>]*>")


class Filed:
    """The errors that one page was given, and where each form of it begins."""

    def __init__(self) -> None:
        self._forms: list[object] = []

    def mark(self, errors: object) -> Markup:
        """Leave a mark where the form with these errors begins."""
        if not errors or any(one is errors for one in self._forms):
            return Markup("")
        self._forms.append(errors)
        return _mark(len(self._forms))

    def shown(self, page: str, others: Iterable[object], banner: Callable[[str], str]) -> str:
        """Give the page with every sentence on it; `others` are errors that it may have no form for."""
        top = [
            sentence
            for one in others
            if not any(one is form for form in self._forms)
            for sentence in unshown(page, one)
        ]
        for number, errors in enumerate(self._forms, start=1):
            left = unshown(page, errors)
            page = page.replace(_mark(number), banner(" ".join(left)) if left else "", 1)
        if not top:
            return page
        begins = _TOP.search(page)
        where = begins.end() if begins else 0
        return page[:where] + banner(" ".join(top)) + page[where:]


def unshown(page: str, errors: object) -> list[str]:
    """List the sentences that the page shows less often than they were filed, each once."""
    filed = Counter(sentence for one in _sentences(errors) for sentence in set(one))
    return [sentence for sentence, times in filed.items() if page.count(str(escape(sentence))) < times]


def _mark(number: int) -> Markup:
    return Markup("<!-- errors {} -->").format(number)


def _sentences(errors: object) -> list[list[str]]:
    """Give the sentences of each field; what is no mapping of fields to sentences has none."""
    fields = errors.values() if isinstance(errors, Mapping) else []
    return [[one for one in field if isinstance(one, str)] for field in fields if isinstance(field, list | tuple)]

"""Errors under the names that a request's own members have; rules and pages call some of them differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from retail.kit.errors import Invalid


@contextmanager
def renamed(name: Callable[[str], str]) -> Iterator[None]:
    """Rename the fields of what is refused inside; sentences of fields that become one stand there once each."""
    try:
        yield
    except Invalid as wrong:
        found: dict[str, list[str]] = {}
        for field, sentences in wrong.errors.items():
            kept = found.setdefault(name(field), [])
            kept += [one for one in sentences if one not in kept]
        wrong.errors = found
        raise


def called(names: Mapping[str, str]) -> Callable[[str], str]:
    """Rename some fields, and leave the others."""
    return lambda field: names.get(field, field)


def in_line(at: int, names: Mapping[str, str]) -> Callable[[str], str]:
    """Place the fields of one line among those of all: "quantity" of the first is "lines.0.quantity"."""
    return lambda field: f"lines.{at}.{names.get(field, field)}" if field else f"lines.{at}"


def by_line(lines: Sequence[UUID], member: str, names: Mapping[str, str]) -> Callable[[str], str]:
    """Place fields that name a line by its id (arrived-…, line-…) by where the line stands in what was sent.

    `member` of it, where there is one; a line that isn't among them is told at "lines".
    """
    places = {str(line): at for at, line in enumerate(lines)}

    def name(field: str) -> str:
        kind, _dash, line = field.partition("-")
        if kind not in {"line", "arrived", "damaged"} or not line:
            return names.get(field, field)
        if line not in places:
            return "lines"
        return f"lines.{places[line]}.{member}" if member else f"lines.{places[line]}"

    return name


def last(field: str) -> str:
    """Give a page's name of a field: "entries.0.quantity" is "quantity"."""
    return field.rpartition(".")[2]

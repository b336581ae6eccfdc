"""Two people edit the same thing: the second form is joined with what is stored by now, and nothing is lost.

A form carries what each of its fields held when it was opened: hidden fields `was.<field>`, drawn by the macro
`what_was`. When its save is refused, `meet` fills it in again: what this tab never touched takes the stored value, what
it did touch keeps what was typed. Beside each field that the other one changed stands what it was and what it is now,
and nothing beside those that only this tab changed. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_WAS: Final = "was."


@dataclass(frozen=True, slots=True)
class Met:
    """A form filled in again: its `values`, and what is `stored` in each field that somebody else changed.

    `before` is what such a field held when this form was opened, where the form says so.
    """

    values: dict[str, str]
    stored: dict[str, str]
    before: dict[str, str] = field(default_factory=dict)


def meet(typed: Mapping[str, str], was: Mapping[str, str], now: Mapping[str, str]) -> Met:
    """Join what was `typed` over what `was` there with what is stored `now`; all by field, as a form holds them.

    The fields are those of `now`. One that `was` doesn't name counts as touched; one that wasn't sent is an empty one,
    as a box without its tick is.
    """
    values, stored, before = {}, {}, {}
    for name, kept in now.items():
        mine = typed.get(name, "")
        touched = name not in was or not _same(mine, was[name])
        values[name] = mine if touched else kept
        if name not in was and not _same(mine, kept):
            stored[name] = kept
        if name in was and not _same(was[name], kept):
            stored[name], before[name] = kept, was[name]
    return Met(values, stored, before)


def was_in(typed: Mapping[str, str]) -> dict[str, str]:
    """Give what the fields held when the form was opened, as it sent it back."""
    return {name.removeprefix(_WAS): value for name, value in typed.items() if name.startswith(_WAS)}


def packed(was: Mapping[str, str]) -> str:
    """Write what many fields held into one hidden field."""
    return json.dumps(dict(was), separators=(",", ":"))


def unpacked(text: str) -> dict[str, str]:
    """Read what `packed` wrote; nothing where it is something else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _same(one: str, other: str) -> bool:
    """Compare as browsers send texts: with other line ends, and blanks at the ends don't count."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()

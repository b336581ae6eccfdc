"""Keyset paging: a page of a list and the cursor of the next, stable while rows are added."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.text import _

Item = TypeVar("Item")

DEFAULT_LIMIT = 50
MOST = 500


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list, and where to go on; `next` is None on the last page."""

    items: list[Item]
    next: str | None


def encode_cursor(*keys: str | int) -> str:
    """Turn the sort keys of the last item into an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(keys, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type[str | int]) -> tuple[str | int, ...]:
    """Read a cursor back; `kinds` are the types its keys must have. Raises Invalid for anything else."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeDecodeError) as broken:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from broken
    if not isinstance(keys, list) or [type(key) for key in keys] != list(kinds):
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]})
    return tuple(keys)


def clamp_limit(limit: int | None) -> int:
    """Bring a wanted page size into 1 to 500; 50 when none is wanted."""
    return DEFAULT_LIMIT if limit is None else max(1, min(limit, MOST))


def cut(items: Sequence[Item], id_of: Callable[[Item], UUID], limit: int | None, after: str | None) -> Page[Item]:
    """Give a page of a list that is short enough to be read whole; the cursor is the last item shown.

    Raises Invalid where that item is in the list no longer.
    """
    begin, most = 0, clamp_limit(limit)
    if after is not None:
        (last,) = decode_cursor(after, str)
        begin = next((at for at, item in enumerate(items, 1) if str(id_of(item)) == last), 0)
        if begin == 0:
            raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]})
    shown = list(items[begin : begin + most])
    more = begin + most < len(items)
    return Page(shown, encode_cursor(str(id_of(shown[-1]))) if more else None)

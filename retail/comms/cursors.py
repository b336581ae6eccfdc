"""Cursors of lists that go by time, newest first: the moment and the id of the last item shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from retail.kit.errors import Invalid
from retail.kit.paging import decode_cursor, encode_cursor
from retail.kit.text import _
from retail.runtime.ordering import moment_in


def before(after: str | None) -> tuple[datetime | None, UUID | None]:
    """Read a cursor; (None, None) for a first page. Raises Invalid."""
    if not after:
        return None, None
    at, id = decode_cursor(after, str, str)
    try:
        return moment_in(str(at)), UUID(str(id))
    except ValueError as wrong:
        raise Invalid({"after": [_("This page link is not valid; start again from the first page.")]}) from wrong


def following(at: datetime, id: UUID) -> str:
    """Write the cursor of what comes behind an item."""
    return encode_cursor(at.isoformat(), str(id))

"""Finding the one row that the work breaks off on: it is refused with a sentence, and the others go on.

No row is known to do so; where one does, that is our mistake and goes to the log, and nobody's file is stuck with it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from retail.automation.kinds.base import Given, Kind, Reason, Terms, Verdict
from retail.kit.text import _
from retail.runtime.db import Database
from retail.runtime.tenancy import Scope

log = logging.getLogger(__name__)

ROWS_OWN: Final = (
    LookupError, ValueError, TypeError, ArithmeticError, AttributeError, asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
)  # fmt: skip
"""What a row's own cells can break: never a lost connection, a lock or a cancelled job, which are tried again."""


def broke_off() -> Reason:
    """Say that a row could not be worked out."""
    said = _(
        "We could not work this row out, and have noted that. Leave it out, or write its cells in another way; the"
        " other rows go on without it."
    )
    return Reason("", said)


def judged(kind: Kind, given: Sequence[Given], known: Any, terms: Terms, seen: Any) -> list[Verdict]:  # noqa: ANN401
    """Say of each row what it comes to, one after the other; one that breaks the judging is refused."""
    verdicts: list[Verdict] = []
    for row in given:
        try:
            verdicts += kind.judge([row], known, terms, seen)
        except ROWS_OWN as broken:
            verdicts.append(_refused(row, broken))
    return verdicts


async def known_to(  # noqa: PLR0917 - what reading takes
    db: Database, scope: Scope, kind: Kind, given: Sequence[Given], terms: Terms, broken: list[Verdict]
) -> list[tuple[Sequence[Given], Any]]:
    """Read what rows refer to, all at once; where that breaks, in halves, and the rows at fault go to `broken`."""
    if not given:
        return []
    try:
        async with db.read(scope) as read:
            return [(given, await kind.known(read, given, terms))]
    except ROWS_OWN as wrong:
        if len(given) == 1:
            broken.append(_refused(given[0], wrong))
            return []
    half = len(given) // 2
    found = await known_to(db, scope, kind, given[:half], terms, broken)
    return found + await known_to(db, scope, kind, given[half:], terms, broken)


def _refused(row: Given, broken: Exception) -> Verdict:
    log.error("an import's row broke off", extra={"line": row.line}, exc_info=broken)
    name = next((cell.strip() for cell in row.cells.values() if cell.strip()), "")
    return Verdict(row.line, "refused", name, reasons=[broke_off()])

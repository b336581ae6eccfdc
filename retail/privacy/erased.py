"""Who was erased, kept outside of the database: a backup that is restored is older than the erasures behind it.

Lines of JSON in DATA_DIR/erasures, one file a day, beside the anchors and never rewritten. A line has ids and the
pseudonym, no name; a customer's reference stands in it as a tag made with a key. A line that our key didn't make counts
for nothing: whoever can write a file can't have somebody deleted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal
from uuid import UUID

from retail.audit.anchors import KEY, Anchors, Outside, outside_of_process
from retail.runtime.audit_record import joined

Kind = Literal["person", "customer", "business"]
_PURPOSE: Final = "erasure"
_OF_LINE: Final = "CTE1"
_OF_CUSTOMER: Final = "CTEC1"


class NothingOutside(RuntimeError):
    """This process was started without keys and a place outside of the database, so it may not erase anybody."""


@dataclass(frozen=True, slots=True)
class Line:
    """One erasure; `subject` is a person's id, a customer's tag, or empty for the business as a whole."""

    business: UUID
    erasure: UUID
    kind: Kind
    subject: str
    pseudonym: str
    at: str

    def message(self) -> bytes:
        """Give the bytes that the line's tag is made over."""
        return joined(_OF_LINE, str(self.business), str(self.erasure), self.kind, self.subject, self.pseudonym, self.at)


class Erased:
    """The list, with the keys that make it true. The methods read and write files: they belong into a thread."""

    def __init__(self, outside: Outside) -> None:
        self._keys = outside.keyring
        self._files = Anchors(outside.anchors.directory.parent / "erasures")

    def note(self, line: Line) -> None:
        """Put an erasure on the list, once. A customer is named by their reference. Raises OSError."""
        if any(one.erasure == line.erasure for one in self.of(line.business)):
            return
        if line.kind == "customer":
            line = replace(line, subject=self._keys.mac(KEY, _reference(line, line.subject), _PURPOSE).hex())
        told = {**asdict(line), "business": str(line.business), "erasure": str(line.erasure)}
        self._files.append({**told, "tag": self._keys.mac(KEY, line.message(), _PURPOSE).hex()})

    def of(self, business: UUID) -> list[Line]:
        """Give the erasures of a business, the first one first."""
        return [line for line in self._lines() if line.business == business]

    def businesses(self) -> list[Line]:
        """Give the businesses that were erased as a whole."""
        return [line for line in self._lines() if line.kind == "business"]

    def is_of(self, line: Line, reference: str) -> bool:
        """Claim that a line is about the customer with this reference."""
        tag = bytes.fromhex(line.subject) if line.kind == "customer" else b""
        return self._keys.mac_matches(KEY, _reference(line, reference), tag, _PURPOSE)

    def _lines(self) -> Iterator[Line]:
        for told in self._files.lines():
            tag = bytes.fromhex(told.pop("tag"))
            line = Line(UUID(told.pop("business")), UUID(told.pop("erasure")), **told)
            if self._keys.mac_matches(KEY, line.message(), tag, _PURPOSE):
                yield line


async def note_outside(line: Line) -> None:
    """Put an erasure on this installation's list before anything is changed. Raises NothingOutside, OSError."""
    outside = outside_of_process()
    if outside is None:
        raise NothingOutside
    await asyncio.to_thread(Erased(outside).note, line)


def _reference(line: Line, reference: str) -> bytes:
    return joined(_OF_CUSTOMER, str(line.business), reference)

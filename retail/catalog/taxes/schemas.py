"""What programs send of tax classes: a rate, or parts whose rates together are it, at once or from a day on."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints

from retail.catalog.schemas import Code, OneLine, Rate, ShortName, Strict, Version
from retail.catalog.taxes.parting import MOST_PARTS
from retail.catalog.taxes.rules import Part

PartName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20), OneLine]
Day = Annotated[
    date | None,
    Field(description="The day on which the rate or the parts begin, after today; left out they hold at once."),
]


class TaxPart(Strict):
    """A part of a tax as it stands on paper, such as CGST."""

    name: PartName
    rate_micros: Rate
    compound: Annotated[StrictBool, Field(description="Also taken of the parts before it.")] = False

    def part(self) -> Part:
        """Give it as the rules have it."""
        return Part(self.name, self.rate_micros, self.compound)


Parts = Annotated[
    list[TaxPart] | None,
    Field(max_length=MOST_PARTS, description="CGST and SGST, say; their rates together are the class's own."),
]


class NewTaxClass(Strict):
    """A rate of tax to add. With `parts` it needs no rate of its own, unless they begin on a later day."""

    id: UUID | None = None
    code: Code
    name: ShortName
    rate_micros: Rate | None = None
    parts: Parts = None
    from_date: Day = None


class TaxClassChange(Strict):
    """Fields of a rate of tax to change; those left out stay. No `parts` at all ([]) make it one rate again."""

    version: Version | None = None
    name: ShortName | None = None
    rate_micros: Rate | None = None
    parts: Parts = None
    from_date: Day = None

"""One row of the table of settings (settings.py): what a business or a store can set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = str | int | bool
Kind = Literal["text", "lines", "whole", "flag", "choice", "zone", "language", "currency"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a business can set. `least` and `most` bound a number, `most` also a text's length.

    `until_sold`: refused once something was sold, since every price and every entry of the books would change meaning.
    `feature`: what the plan must have for another value than the usual one; a choice's first one is always free.
    """

    key: str
    group: str
    label: str
    sentence: str
    kind: Kind
    default: Value = ""
    scope: Literal["business", "store", "both"] = "business"
    column: str = ""
    least: int = 0
    most: int = 300
    unit: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    required: bool = False
    until_sold: bool = False
    feature: Literal["", "loss_prevention"] = ""

    @property
    def for_business(self) -> bool:
        """Claim that the business sets it."""
        return self.scope != "store"

    @property
    def for_store(self) -> bool:
        """Claim that a store sets it."""
        return self.scope != "business"


def said(message: str) -> str:
    """Mark a text for translation that is said later."""
    return message

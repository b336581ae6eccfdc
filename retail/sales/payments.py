"""Payments in a till's journal: the records before and after a terminal, and what of a sale's card money is odd."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from retail.kit.money import MAX_MINOR
from retail.kit.text import _
from retail.payments import Attempt, Step
from retail.payments.rules import OUTCOMES, SOURCES
from retail.sales.members import Reader

_NAME: Final = re.compile(r"[a-z][a-z_]{0,19}")


def read_started(read: Reader, at: datetime) -> Attempt:
    """Read {"id", "sale", "shift"?, "type", "terminal", "amount", "tip"?}. Raises Invalid."""
    amount = read.whole("amount", 1, MAX_MINOR)
    attempt = Attempt(
        read.uuid("id"),
        read.uuid("sale"),
        read.optional_uuid("shift"),
        _one_of(read, "type"),
        _one_of(read, "terminal"),
        amount,
        0 if read.of.get("tip") is None else read.whole("tip", 0, max(0, amount)),
        at,
    )
    read.check()
    return attempt


def read_settled(read: Reader, at: datetime) -> Step:
    """Read {"id", "attempt", "outcome", "source", "amount", "reference"?}. Raises Invalid."""
    step = Step(
        read.uuid("id"),
        read.uuid("attempt"),
        _one_of(read, "outcome", OUTCOMES),
        _one_of(read, "source", SOURCES),
        read.whole("amount", 0, MAX_MINOR),
        read.text("reference", 100),
        at,
    )
    read.check()
    return step


def _one_of(read: Reader, name: str, choices: Sequence[str] = ()) -> str:
    given = read.of.get(name)
    if isinstance(given, str) and (given in choices or (not choices and _NAME.fullmatch(given))):
        return given
    read.wrong(name, _("This is not written as it must be."))
    return ""

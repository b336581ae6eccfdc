"""What every notification's words are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date

from retail.kit.money import format_money
from retail.kit.quantity import format_quantity
from retail.kit.text import dates_of
from retail.runtime.tenancy import TenantFacts

UNKNOWN: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Said:
    """A notification in words. `to` is a page of the business ('' none), open to whoever has `permission`."""

    text: str
    details: Sequence[str] = ()
    to: str = ""
    link: str = ""
    permission: str | None = None


def quantity(amount: object, facts: TenantFacts) -> str:
    """Write how many, as the business writes numbers; what nobody noted is a dash."""
    return format_quantity(Decimal(str(amount)), facts.locale) if amount is not None else UNKNOWN


def day(written: object, facts: TenantFacts) -> str:
    """Write a day that was noted as ISO 8601."""
    return format_date(date.fromisoformat(str(written)), "medium", locale=dates_of(facts.locale))


def money(minor: object, facts: TenantFacts) -> str:
    """Write an amount in minor units, in the business's currency; what nobody noted is a dash."""
    return format_money(int(str(minor)), facts.money, facts.locale) if minor is not None else UNKNOWN

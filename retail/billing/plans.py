"""Plans: what each costs, what it has room for, what is in it. The same for everybody, changed by migrations alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.kit.money import Currency, currency
from retail.kit.text import _
from retail.runtime.db import Unit

_PLANS: Final = """
SELECT key, name, position, currency, monthly_minor, yearly_minor, people, stores, products_per_store, tills, features
  FROM plan ORDER BY position"""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan; prices are net, in minor units of `currency`, a limit of None is none."""

    key: str
    name: str
    position: int
    currency: str
    monthly_minor: int
    yearly_minor: int
    people: int | None
    stores: int | None
    products_per_store: int | None
    tills: int | None
    features: tuple[str, ...]

    @property
    def money(self) -> Currency:
        """Give the currency of its prices."""
        return currency(self.currency)

    def price(self, cycle: str) -> int:
        """Give the net price of one period."""
        return self.yearly_minor if cycle == "year" else self.monthly_minor


async def plans(unit: Unit) -> dict[str, Plan]:
    """Give the plans by key, the smallest first."""
    rows = await unit.fetch(_PLANS)
    return {row["key"]: Plan(**{**dict(row), "features": tuple(row["features"])}) for row in rows}


def feature_words(feature: str) -> str:
    """Say what a feature is."""
    words = {
        "tills": _("Tills with shifts and cash counts"),
        "offline": _("Selling without a network"),
        "stock": _("Stock, counts and transfers"),
        "promotions": _("Promotions and coupons"),
        "customers": _("Customers and gift cards"),
        "loss_prevention": _("Loss prevention by your own rules"),
        "api": _("Programs: the API"),
        "single_sign_on": _("Single sign-on"),
        "priority_support": _("Support first in line"),
    }
    return words.get(feature, feature)


def cycle_words(cycle: str) -> str:
    """Say how often it is paid."""
    return _("yearly") if cycle == "year" else _("monthly")

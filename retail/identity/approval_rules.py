"""What an approval is bound to, and how large a discount is: docs/algorithms/approvals.md, 2 and 3. Pure.

kiosk/till/approval_rules.js is its twin; both run tests/vectors/approvals.json.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from retail.identity.device_rules import TILL_RIGHTS
from retail.identity.permissions import (
    ALL,
    APPROVE,
    ASKS,
    DISCOUNT,
    OVERRIDE_PRICE,
    RUN_SHIFT,
    VIEW_SHIFTS,
    permission,
)
from retail.kit.money import mul_div
from retail.kit.quantity import MILLI
from retail.runtime.tenancy import Scope

LIVES: Final = timedelta(minutes=10)
WHOLE: Final = 10_000
_MARK: Final = "CTA1"
_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class ActLine:
    """A line of what is asked for; `list_price` is None where it is the price.

    `discount` is what people take off; what offers take off (`off`) is nobody's own, and the line is worth the less.
    """

    id: UUID
    product: UUID | None
    quantity_milli: int
    unit_price: int
    discount: int = 0
    list_price: int | None = None
    off: int = 0

    @property
    def amount(self) -> int:
        """Give quantity times price less what offers take off, in minor units."""
        return mul_div(self.quantity_milli, self.unit_price, MILLI) - self.off

    @property
    def overridden(self) -> bool:
        """Claim that it is sold at another price than the list's."""
        return self.list_price is not None and self.list_price != self.unit_price


@dataclass(frozen=True, slots=True)
class Act:
    """What is asked for: the act's own id, the discount on all of it, its lines."""

    id: UUID
    discount: int = 0
    lines: Sequence[ActLine] = ()


def act_text(act: Act) -> str:
    """Give the text that is hashed."""
    fields: list[object] = [_MARK, act.id, act.discount]
    for line in act.lines:
        listed = "" if line.list_price is None else line.list_price
        taken = f"{line.discount}/{line.off}" if line.off else line.discount
        fields += [line.id, line.product or "", line.quantity_milli, line.unit_price, listed, taken]
    return _SEPARATOR.join(map(str, fields))


def act_hash(act: Act) -> str:
    """Give the hash that an approval is bound to: lowercase hex SHA-256."""
    return hashlib.sha256(act_text(act).encode()).hexdigest()


def percent(off: int, amount: int) -> int:
    """Give the smallest percentage, in basis points, that makes this discount of an amount; 10000 at most."""
    if off <= 0 or amount <= 0:
        return 0
    return min(WHOLE, -((1 - 2 * off) * (WHOLE // 2) // amount))


def unfit_discounts(act: Act) -> list[str]:
    """Name the fields of an act whose discounts can't be: more than the thing costs, or of the other sign.

    The sale's own discount is part of the lines' (section 3), so it is never more than they are together. Fields are
    written as the API's, such as `act.lines.0.discount`.
    """
    wrong = [
        f"act.lines.{at}.discount"
        for at, line in enumerate(act.lines)
        if not min(0, line.amount) <= line.discount <= max(0, line.amount)
    ]
    off = [line.discount for line in act.lines]
    most, least = sum(one for one in off if one > 0), sum(one for one in off if one < 0)
    return wrong if least <= act.discount <= most else ["act.discount", *wrong]


def discount_percent(act: Act) -> int:
    """Give the largest percentage that is taken off a line or off the sale, in basis points."""
    own = max(act.discount, 0)
    off = max(sum(line.discount for line in act.lines), own)
    charged = sum(line.amount for line in act.lines) - off + own
    lines = (percent(line.discount - _slack(line, shared=own > 0), line.amount) for line in act.lines)
    return max(percent(own, charged), *lines, 0)


def plain_percent(act: Act) -> int:
    """Give the percentage with the fewest decimals that makes the same discount: what somebody typed.

    In basis points, for people only: decisions are made by discount_percent().
    """
    least = discount_percent(act)
    own = max(act.discount, 0)
    off = max(sum(line.discount for line in act.lines), own)
    charged = sum(line.amount for line in act.lines) - off + own
    taken = [(own, charged), *((line.discount, line.amount) for line in act.lines)]
    highs = [min(WHOLE, (2 * part + 1) * (WHOLE // 2) // of) for part, of in taken if part > 0 and of > 0]
    most = max((high for high in highs if high >= least), default=least)
    return next((plain for step in (100, 10) if (plain := -(-least // step) * step) <= most), least)


def asks_of(act: Act) -> dict[str, int | None]:
    """Name the permissions that a sale like this takes, each with its amount; None where it has none."""
    found: dict[str, int | None] = {}
    taken = discount_percent(act)
    if taken:
        found[DISCOUNT] = taken
    if any(line.overridden for line in act.lines):
        found[OVERRIDE_PRICE] = None
    return found


def said(name: str, amount: int | None, money: Callable[[int], str]) -> str:
    """Say which right and how much of it: "Give a discount (20 %)"; `money` writes minor units."""
    if name not in ALL:
        return name
    known = permission(name)
    if amount is None:
        return known.words
    return f"{known.words} ({percent_text(amount) if known.limit == 'percent' else money(amount)})"


def percent_text(basis_points: int) -> str:
    """Write basis points as a percentage: 1995 is "19.95 %"."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".") + "\N{NO-BREAK SPACE}%"


_KNOWN: Final = frozenset({APPROVE, RUN_SHIFT, VIEW_SHIFTS})
"""What a till shows or hides by, though nobody else is asked for it."""


def rights_at(scope: Scope, store: UUID) -> dict[str, dict[str, object]]:
    """Give the rights that a till has to know, as its setup and its roster carry them; denied ones are left out."""
    held = {name: scope.right(name, store) for name in sorted((ASKS & TILL_RIGHTS) | _KNOWN)}
    return {name: {"state": right.state, "limit": right.limit} for name, right in held.items() if right is not None}


def _slack(line: ActLine, *, shared: bool) -> int:
    """Give what rounding alone can add to a line's discount."""
    weighed = line.quantity_milli % MILLI != 0
    return int(shared) + (-(-line.unit_price // MILLI) if weighed else 0)

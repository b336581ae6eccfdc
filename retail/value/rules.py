"""Accounts, uses and codes of stored value; pure."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

GIFT_CARD: Final = "gift_card"
STORE_CREDIT: Final = "store_credit"
ACCOUNT: Final = "account"
DOWN_PAYMENT: Final = "down_payment"
"""What was paid on goods that are kept; its account has the id of the layaway, and no customer of its own."""
PURPOSES: Final = {
    GIFT_CARD: "gift_cards",
    STORE_CREDIT: "store_credit",
    ACCOUNT: "receivables",
    DOWN_PAYMENT: "down_payments",
}
"""Which account of the books holds what a kind of stored value comes to."""
MEANS: Final = {"cash": "safe", "card": "card", "transfer": "bank"}
"""Ways in which a card or a debt is paid at the desk, and where the books say the money went."""
GIVEN: Final = "gifts"
LONGEST: Final = 16
MOST_MINOR: Final = 10**12


@dataclass(frozen=True, slots=True)
class Use:
    """An amount, above zero, for one account; `source` is the id of what makes it happen. `at` None: now."""

    account: UUID
    amount_minor: int
    source: UUID
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a move came to. `amount_minor` is what was really taken or given, `lacking_minor` what wasn't there.

    `move` is None where nothing could be taken at all; `replayed`: the source had made this move before.
    """

    move: UUID | None
    account: UUID
    kind: str
    amount_minor: int
    lacking_minor: int
    balance_minor: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """An account whose row is locked. `floor_minor` is how low its balance may go, `today` the business's day."""

    id: UUID
    kind: str
    balance_minor: int
    floor_minor: int
    blocked_at: datetime | None
    expires_on: date | None
    today: date

    @property
    def shut(self) -> bool:
        """Claim that nothing may be taken from it."""
        return self.blocked_at is not None or (self.expires_on is not None and self.expires_on < self.today)

    @property
    def spendable_minor(self) -> int:
        """Give what may be taken from it now."""
        return 0 if self.shut else max(0, self.balance_minor - self.floor_minor)


def new_code() -> str:
    """Make the code of a gift card: a 9, 14 random digits and a check digit."""
    body = "9" + "".join(str(secrets.randbelow(10)) for _place in range(LONGEST - 2))
    return body + check_digit(body)


def read_code(text: str) -> str | None:
    """Give a code out of what was typed or scanned; None for what is none."""
    code = "".join(one for one in text if one not in " -")
    if len(code) != LONGEST or not code.isascii() or not code.isdigit() or code[0] != "9":
        return None
    return code if check_digit(code[:-1]) == code[-1] else None


def shown_code(code: str) -> str:
    """Write a code for people, in groups of four."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def check_digit(body: str) -> str:
    """Give the digit that makes a number right by Luhn's rule (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)

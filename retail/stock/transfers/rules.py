"""What may become of a transfer, what of it is missing, and what the difference is worth; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.stock.rules import value_minor

DRAFT: Final = "draft"
SENT: Final = "sent"
RECEIVED: Final = "received"
CANCELLED: Final = "cancelled"
STATES: Final = (DRAFT, SENT, RECEIVED, CANCELLED)

NEXT: Final = {
    DRAFT: frozenset({SENT, CANCELLED}),
    SENT: frozenset({RECEIVED, CANCELLED}),
    RECEIVED: frozenset[str](),
    CANCELLED: frozenset[str](),
}
"""What each state may become."""

AGREES: Final = "agrees"
SHELF: Final = "shelf"
SENDER: Final = "sender"
RECEIVER: Final = "receiver"
DECISIONS: Final = (SHELF, SENDER, RECEIVER)
"""Who bears a difference. shelf: it never left, or left unnoticed, so the sender's shelf is set right; what is damaged
the sender bears. sender, receiver: the loss is that store's."""

_NONE: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a transfer; `arrived` and `damaged` None: nobody has looked yet. Costs in minor units, six decimals."""

    id: UUID
    product: UUID
    trace: str
    quantity: Decimal
    unit_cost: Decimal
    arrived: Decimal | None = None
    damaged: Decimal | None = None
    decision: str | None = None

    @property
    def sound(self) -> Decimal:
        """What arrived and can be sold."""
        return self.arrived or _NONE

    @property
    def broken(self) -> Decimal:
        """What arrived and can't be sold."""
        return self.damaged or _NONE

    @property
    def missing(self) -> Decimal:
        """What was sent and didn't arrive; below zero where more came than was sent."""
        return self.quantity - self.sound - self.broken

    @property
    def differs(self) -> bool:
        """Claim that not just what was sent arrived whole."""
        return self.missing != 0 or self.broken != 0

    @property
    def sent_minor(self) -> int:
        """What was sent was worth."""
        return value_minor(self.quantity, self.unit_cost)

    @property
    def arrived_minor(self) -> int:
        """What arrived whole is worth."""
        return value_minor(self.sound, self.unit_cost)

    @property
    def open_minor(self) -> int:
        """What of its worth is still on the way once it was received: below zero where more came than was sent."""
        return self.sent_minor - self.arrived_minor


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where the worth of a difference goes, in minor units; all four add up to what was open.

    `to_shelf` back to the sender's stock (a move of `shelf_quantity`), `lost` and `wasted` to the bearer's books,
    `rounding` the cent by which a move's worth differs from what was left.
    """

    sender_bears: bool
    shelf_quantity: Decimal
    to_shelf: int
    lost: int
    wasted: int
    rounding: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the goods of a difference. `what`: broken, missing, or surplus where more came than was sent.

    `sender_bears`: the sending store does, else the receiving one. `shelf`: that store's shelf was put right, and
    nobody bears anything. `borne_minor` is what the store loses by it, or gains by a surplus; never below zero.
    """

    what: str
    quantity: Decimal
    sender_bears: bool
    shelf: bool
    borne_minor: int


def outcomes(line: Line) -> list[Outcome]:
    """Say what became of a line's broken, missing or surplus goods; nothing where it agrees, or is still open."""
    if line.decision not in DECISIONS:
        return []
    done, shelf = settle(line, line.decision), line.decision == SHELF
    found = []
    if line.broken:
        found.append(Outcome("broken", line.broken, done.sender_bears, shelf=False, borne_minor=done.wasted))
    if line.missing:
        what, borne = "missing" if line.missing > 0 else "surplus", abs(done.lost)
        found.append(Outcome(what, abs(line.missing), done.sender_bears, shelf, borne))
    return found


def settle(line: Line, decision: str) -> Settlement:
    """Work out what a decision about a line's difference posts. Raises ValueError for what is no decision."""
    if decision not in DECISIONS:
        raise ValueError(decision)
    wasted = value_minor(line.broken, line.unit_cost) if line.missing else line.open_minor
    rest = line.open_minor - wasted
    sender_bears = decision in {SENDER, SHELF}
    if decision != SHELF:
        return Settlement(sender_bears, _NONE, 0, rest, wasted, 0)
    to_shelf = value_minor(line.missing, line.unit_cost)
    return Settlement(sender_bears, line.missing, to_shelf, 0, wasted, rest - to_shelf)

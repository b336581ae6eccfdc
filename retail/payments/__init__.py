"""Payments by card, through a terminal, and in other currencies: what was taken is never lost, doubled or guessed.

docs/algorithms/payments.md says how; the sale that a payment belongs to is the business of sales, above.
"""

from retail.payments.operations import LOOK, note_settled, note_started
from retail.payments.rules import FOREIGN_CASH, Attempt, Step, worth

__all__ = ["FOREIGN_CASH", "LOOK", "Attempt", "Step", "note_settled", "note_started", "worth"]

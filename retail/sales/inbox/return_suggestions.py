"""What exceptions of goods that came back, and of sales on hold, mean for the shop; pure. A part of `suggestions`."""

from __future__ import annotations

from retail.kit.text import _
from retail.sales.inbox.suggesting import Suggestion


def of_returns() -> dict[str, Suggestion]:
    """Give the suggestions for what came back."""
    checked, settled = _("Checked"), _("Compared with the receipts and the cash.")
    return {
        "returned_twice": Suggestion(
            _("More came back than was sold: two tills gave money for the same goods. Stock has both."),
            checked, settled, look="tills",
        ),
        "wrong_piece_back": Suggestion(
            _("The label says another lot or number than the receipt. Stock has what the till said came back."),
            _("Label checked"), _("The label was compared with the receipt."), look="product",
        ),
        "return_of_unknown": Suggestion(
            _("Money went out for a sale that nobody knows. The books hold the refund."), checked, settled, look="tills"
        ),
        "return_without_receipt": Suggestion(
            _("Money went out in a way that the settings don't allow. The books hold the refund."),
            _("Accept"), _("The refund is right."), look="tills",
        ),
        "refund_not_as_paid": Suggestion(
            _("More cash went out than had come in for the sale. A card that is paid back in cash costs twice."),
            _("Accept"), _("Cash back is right here."), look="payments",
        ),
        "refund_not_credited": Suggestion(
            _("The customer was promised money on a card or an account that is not there. The shop owes it."),
            _("Credited by hand"), _("Credited by hand."), look="payments",
        ),
        "waste_not_written": Suggestion(
            _("Stock counts goods that can't be sold. Write them off under Waste."),
            _("Written off"), _("Written off by hand."), look="product",
        ),
        "exchange_open": Suggestion(
            _("Goods were exchanged, and the two halves name different amounts. The books show the difference."),
            checked, settled, look="payments",
        ),
    }  # fmt: skip


def of_holds() -> dict[str, Suggestion]:
    """Give the suggestions for sales that were on hold."""
    return {
        "held_sold_twice": Suggestion(
            _("One basket was paid at two tills, one of them without a network. The books hold both receipts."),
            _("Accept both"), _("The customer was asked: both are right, or one was paid back."), look="tills",
        ),
        "held_recalled_twice": Suggestion(
            _("Two tills had the same basket, one of them without a network. Most likely only one of them is paid."),
            _("Checked"), _("Only one of them was paid."), look="tills",
        ),
    }  # fmt: skip

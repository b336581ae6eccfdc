"""What each kind of exception means for the shop, and what is suggested for it; pure. Has every code of remarks."""

from __future__ import annotations

from retail.kit.text import _
from retail.sales.inbox.return_suggestions import of_holds, of_returns
from retail.sales.inbox.suggesting import CHARGE, RESTORE, STOCK, Suggestion


def suggestion(code: str) -> Suggestion:
    """Give what is suggested for a code; one of a newer version is looked at by a person."""
    return suggestions().get(code) or Suggestion(
        _("Somebody should look at it."), _("Mark as seen"), _("Looked at, nothing to do.")
    )


def suggestions() -> dict[str, Suggestion]:
    """Give the suggestions of all codes."""
    return {**_goods(), **_money(), **_words(), **_tills(), **of_returns(), **of_holds()}


def _goods() -> dict[str, Suggestion]:
    accept = _("Accept the price")
    return {
        "price_changed": Suggestion(
            _("The customer paid another price than the list has. The sale and the books hold what was paid."),
            accept, _("The price is accepted."), look="product",
        ),
        "unknown_product": Suggestion(
            _("The sale is booked with the highest tax, and no stock moved. Add the product if it is sold on."),
            _("Mark as seen"), _("Sold by name; no stock is followed for it."),
        ),
        "product_archived": Suggestion(
            _("A till sold it after it was taken off sale. Put it back on sale if it still is on the shelf."),
            _("Put back on sale"), _("It is on sale again."), RESTORE, "product",
        ),
        "part_of_piece": Suggestion(
            _("The stock went down by the part too. Correct it where a whole one went, or sell it by measure."),
            _("Accept the part"), _("A part of a piece was sold."), look="product",
        ),
        "stock_below_zero": Suggestion(
            _("More was sold than the books say there was: something came in unbooked, or was counted wrong."),
            _("Correct the stock to zero"), _("The stock was corrected to zero."), STOCK, "product",
        ),
        "reserved_sold": Suggestion(
            _("Whom it was kept for may come in vain. Was it them, mark it as fetched; else get some, or tell them."),
            _("Mark as dealt with"), _("Whoever waited for it knows, or has it."), look="reservations",
        ),
        "age_not_checked": Suggestion(
            _("Goods with an age limit were sold and the till has no note of the check. Speak with who sold them."),
            _("Mark as spoken about"), _("Spoken about with who sold it."),
        ),
        "unknown_taxing": Suggestion(
            _("Each product's own tax was booked instead."), _("Keep the tax"), _("The products' own tax stays.")
        ),
        "exemption_refused": Suggestion(
            _("The customer paid no tax and wasn't exempt that day. The shop bears the tax unless they pay it."),
            _("Bear the tax"), _("The shop bears the tax."),
        ),
        "discount_cut": Suggestion(
            _("The till asked for more discount than the line cost. The books hold what could come off."),
            _("Accept"), _("The discount as it was cut is right."),
        ),
        "offer_mismatch": Suggestion(
            _("The till worked with other offers than run now, as it does after a change while it was away."),
            _("Accept the price"), _("The offer that the till gave is accepted."), look="offers",
        ),
        "coupon_used_twice": Suggestion(
            _("The same code was taken at two tills, one of them without a network. It stays used up for both."),
            _("Void the second use"), _("The coupon counts once; the second use is borne by the shop."), look="offers",
        ),
        "coupon_unknown": Suggestion(
            _("What the coupon took off is a discount of the shop now. Ask the cashier to see the paper."),
            _("Bear the discount"), _("The shop bears the discount."), look="offers",
        ),
    }  # fmt: skip


def _money() -> dict[str, Suggestion]:
    return {
        "total_mismatch": Suggestion(
            _("The customer paid what the till said; the difference stands among the payment differences."),
            _("Accept the difference"), _("The difference is accepted."),
        ),
        "tender_mismatch": Suggestion(
            _("More or less was paid than was due; the rest stands among the payment differences."),
            _("Accept the difference"), _("The difference is accepted."),
        ),
        "unknown_tender": Suggestion(
            _("The books count it like a card. Tell whoever looks after the till which ways to pay there are."),
            _("Count it as card"), _("It counts as card."),
        ),
        "change_not_cash": Suggestion(
            _("Change can only come out of the drawer, so cash and card differ by it when they are counted."),
            _("Mark as compared"), _("Compared with the slip and the drawer."), look="cash",
        ),
        "drawer_short": Suggestion(
            _("The drawer can't hold less than nothing: cash came in unbooked, or an amount was mistyped."),
            _("Mark as counted"), _("The drawer was counted."), look="cash",
        ),
        "payment_not_settled": Suggestion(
            _("The till took the card for paid and the terminal says otherwise. The money may never arrive."),
            _("Mark as compared"), _("Compared with the terminal's report."), look="payments",
        ),
        "payment_without_sale": Suggestion(
            _("Somebody was charged and has no receipt. It is still on its way from a till, or must be paid back."),
            _("Mark as paid back"), _("Paid back, or the sale has arrived."), look="payments",
        ),
        "rate_differs": Suggestion(
            _("The till knew another rate of exchange; the difference stays with the shop."),
            _("Accept the rate"), _("The till's rate is accepted."),
        ),
        "value_short": Suggestion(
            _("What was lacking stands among the payment differences. A customer's account can be charged with it."),
            _("Charge the customer's account"), _("The customer's account was charged."), CHARGE,
        ),
        "down_payment_unexpected": Suggestion(
            _("The money stays on the account of the kept goods until somebody gives it back or keeps it."),
            _("Mark as dealt with"), _("Looked at, and paid back what was too much."), look="layaways",
        ),
        "layaway_over": Suggestion(
            _("Two tills handed the same goods over, or one cancelled them. The goods left the stock twice."),
            _("Mark as dealt with"), _("Looked at what the customer took."), look="layaways",
        ),
        "shift_closed": Suggestion(
            _("It was made before the count and arrived after it, so the Z report has a supplement."),
            _("Accept the supplement"), _("Listed in the supplement."), look="cash",
        ),
        "unknown_shift": Suggestion(
            _("Its cash is in no drawer of the books. Count it where it lies."),
            _("Mark as counted"), _("The cash was counted into the safe."), look="cash",
        ),
        "other_shift": Suggestion(
            _("The drawer that was open at the till counts its cash; the count shows whether that is right."),
            _("Accept"), _("It counts in the shift that was open."), look="cash",
        ),
    }  # fmt: skip


def _words() -> dict[str, Suggestion]:
    return {
        "text_cut": Suggestion(
            _("A text was longer than can be kept. Nothing else of the sale is changed."),
            _("Accept"), _("The shorter text will do."),
        ),
        "text_replaced": Suggestion(
            _("A text held characters that can't be kept. Nothing else of the sale is changed."),
            _("Accept"), _("The text will do."),
        ),
        "approval_missing": Suggestion(
            _("It went beyond what the cashier may do alone. Ask them, and say what you heard."),
            _("Approve afterwards"), _("Approved afterwards."),
        ),
    }  # fmt: skip


def _tills() -> dict[str, Suggestion]:
    look = _("Have a look at the device, then mark it here.")
    checked, note = _("Mark as checked"), _("The device was checked.")
    return {
        "number_taken": Suggestion(
            _("Two receipts have one number: two devices sold at one till, or one was set up from a copy."),
            checked, _("Both receipts stand, each with its own mark."), look="devices",
        ),
        "number_gap": Suggestion(
            _("A receipt before it is missing. It is still on a device that is away, or it was lost."),
            checked, _("The missing receipt is accounted for."), look="tills",
        ),
        "clock_skew": Suggestion(
            _("The sale counts on the day on which it arrived. Set the time of the device."),
            _("Clock is set"), _("The clock of the device was set."), look="devices",
        ),
        "chain_broken": Suggestion(
            _("What the till sent doesn't follow from what it sent before: its storage was changed or copied."),
            checked, note, look="devices",
        ),
        "signature_broken": Suggestion(look, checked, note, look="devices"),
        "taken_over": Suggestion(
            _("Two devices sold at one till for a while. Both sales count; the drawers may be two."),
            _("Accept"), _("Both devices' sales are right."), look="tills",
        ),
        "device_revoked": Suggestion(
            _("It was sold before the device heard that it was revoked, or by somebody who has the device."),
            checked, _("Compared with cash and cards."), look="devices",
        ),
        "device_unknown": Suggestion(
            _("Nobody vouches for this device. Enrol it if it is yours."), checked, note, look="devices"
        ),
        "cashier_unknown": Suggestion(look, checked, note, look="devices"),
        "not_recorded": Suggestion(
            _("It is kept as it came and had no effect. If it was a sale, ring it up again from the paper receipt."),
            _("Mark as dealt with"), _("Dealt with by hand."), look="tills",
        ),
        "beyond_offline_limit": Suggestion(
            _("The till sold beyond what is allowed without a network. The money is booked; find out why it was away."),
            _("Accept"), _("Selling on was right."), look="tills",
        ),
        "beyond_allotment": Suggestion(
            _("The goods are scarce, and another till may have sold the same ones. See that nobody waits in vain."),
            _("Accept"), _("There were enough for everybody."), look="product",
        ),
    }  # fmt: skip

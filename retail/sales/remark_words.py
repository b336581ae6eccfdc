"""What each remark is called, and its sentence for a shop worker."""

from __future__ import annotations

from retail.kit.text import _


def label(code: str) -> str:
    """Name a code in a few words, for lists and filters."""
    return {
        "price_changed": _("Other price"),
        "unknown_product": _("Unknown product"),
        "product_archived": _("Archived product"),
        "part_of_piece": _("Part of a piece"),
        "shift_closed": _("After closing"),
        "unknown_shift": _("No shift"),
        "other_shift": _("Other shift"),
        "total_mismatch": _("Total differs"),
        "tender_mismatch": _("Payment differs"),
        "unknown_tender": _("Unknown way to pay"),
        "change_not_cash": _("Change for what wasn't cash"),
        "discount_cut": _("Discount above the price"),
        "text_cut": _("Text was cut"),
        "text_replaced": _("Characters replaced"),
        "number_taken": _("Number used twice"),
        "number_gap": _("Number missing"),
        "stock_below_zero": _("Stock below zero"),
        "clock_skew": _("Clock is wrong"),
        "drawer_short": _("More than the drawer held"),
        "chain_broken": _("Journal is broken"),
        "taken_over": _("Till was taken over"),
        "signature_broken": _("Signature is wrong"),
        "device_revoked": _("Device was revoked"),
        "device_unknown": _("Device is not enrolled"),
        "cashier_unknown": _("Unknown cashier"),
        "approval_missing": _("Not approved"),
        "unknown_taxing": _("Unknown way to tax"),
        "exemption_refused": _("Not exempt"),
        "payment_not_settled": _("Card not settled"),
        "payment_without_sale": _("Paid without a sale"),
        "rate_differs": _("Other rate of exchange"),
        "value_short": _("Not enough left on it"),
        "down_payment_unexpected": _("Unexpected down payment"),
        "layaway_over": _("Kept goods were gone before"),
        "age_not_checked": _("Age not checked"),
        "offer_mismatch": _("Other offer"),
        "coupon_used_twice": _("Coupon used twice"),
        "coupon_unknown": _("Unknown coupon"),
        "beyond_offline_limit": _("Too much without a network"),
        "reserved_sold": _("Kept goods are sold"),
        "beyond_allotment": _("More than the till's share"),
        "returned_twice": _("Returned twice"),
        "wrong_piece_back": _("Another lot or piece came back"),
        "return_of_unknown": _("Return of an unknown sale"),
        "return_without_receipt": _("Return without a receipt"),
        "refund_not_as_paid": _("Paid back another way"),
        "refund_not_credited": _("Not credited"),
        "waste_not_written": _("Waste not written off"),
        "exchange_open": _("Exchange doesn't match"),
        "held_sold_twice": _("Held sale paid twice"),
        "held_recalled_twice": _("Held sale recalled twice"),
        "not_recorded": _("Not recorded"),
    }.get(code, code)


def sentences() -> dict[str, str]:
    """Say what is off by each code; facts stand in as %(name)s."""
    return {
        "price_changed": _("%(name)s was sold at %(charged)s; the price list says %(listed)s."),
        "unknown_product": _("%(name)s is not in the catalogue, so it moved no stock."),
        "product_archived": _("%(name)s was sold although it is archived."),
        "part_of_piece": _("%(quantity)s of %(name)s were sold, which is sold by the piece. Count what is left of it."),
        "shift_closed": _("This arrived after its shift was closed; it is listed beside the Z report."),
        "unknown_shift": _("This belongs to no shift we know, so no drawer counts its cash."),
        "other_shift": _("This names a shift that was never opened here, so the till's open shift counts its cash."),
        "total_mismatch": _("The till charged %(claimed)s; worked out again it is %(computed)s."),
        "tender_mismatch": _("Paid was %(paid)s, due was %(due)s."),
        "unknown_tender": _("Part of this was paid by “%(type)s”, which the books count as card. Check the payment."),
        "change_not_cash": _(
            "%(amount)s were paid by “%(type)s” with %(change)s as change; the books count %(booked)s as paid that way."
            " Check the slip, and whether the change came out of the drawer."
        ),
        "discount_cut": _(
            "A discount of %(asked)s was sent for %(name)s; no more than its price of %(taken)s could come off."
        ),
        "text_cut": _("“%(what)s” came with %(length)s characters; the first %(most)s are kept."),
        "text_replaced": _("“%(what)s” came with characters that can't be stored; each stands as “\ufffd” now."),
        "number_taken": _("Another receipt of this till already has the number %(number)s."),
        "number_gap": _("The receipt before number %(number)s has not arrived."),
        "stock_below_zero": _("The stock of %(name)s fell below zero, to %(on_hand)s. Count it."),
        "reserved_sold": _("%(name)s was kept for customers and is sold: %(kept)s promised, %(on_hand)s left."),
        "clock_skew": _("The till's clock is wrong: it says %(occurred_at)s. Set the clock of the device."),
        "drawer_short": _("%(amount)s left the drawer (%(reason)s), which was more than it held. Count the drawer."),
        "chain_broken": _("The till's journal does not follow from what came before. Check this device."),
        "taken_over": _("This came from a device whose till “%(label)s” has taken over."),
        "signature_broken": _("This does not bear the signature of its device. Check that device."),
        "device_revoked": _(
            "This came from a device that was revoked. Check it against the cash and the card terminal."
        ),
        "device_unknown": _("This came from a device that is not enrolled. Enrol it, or find out who sold there."),
        "cashier_unknown": _("This names a cashier who never worked here. Check this device."),
        "approval_missing": _("%(cashier)s may not do this alone: %(what)s. Nobody has approved it. Ask them why."),
        "unknown_taxing": _("This names a way to tax that we don't know, so each product's own tax was taken."),
        "exemption_refused": _(
            "This was sold without tax, and the customer wasn't exempt that day. The tax is booked."
        ),
        "payment_not_settled": _(
            "%(amount)s count as paid by card; the terminal took %(taken)s. Compare it with the terminal's report."
        ),
        "payment_without_sale": _(
            "%(amount)s were taken by card and no sale has arrived for them. Ask at the till, or pay it back."
        ),
        "rate_differs": _(
            "Notes in %(currency)s were taken as %(amount)s; at that day's rate they were worth %(due)s."
        ),
        "age_not_checked": _("%(name)s is sold from the age of %(age)s, and nobody has said that it was checked."),
        "offer_mismatch": _("The till took %(taken)s off by offers; worked out again it is %(computed)s."),
        "coupon_used_twice": _("The coupon %(coupon)s was used up already. Ask the cashier, or let it be."),
        "coupon_unknown": _("The coupon %(coupon)s isn't good for any offer of this sale."),
        "down_payment_unexpected": _(
            "%(amount)s of the down payments on %(layaway)s are more, or less, than what is due. Give back"
            " what is too much."
        ),
        "layaway_over": _("%(layaway)s was handed over or cancelled before this sale. Ask what the customer took."),
        "value_short": _(
            "%(amount)s were paid with %(means)s, which had only %(taken)s left. The rest is a payment difference."
        ),
        "beyond_offline_limit": _(
            "Sold without a network beyond what is allowed (%(beyond)s: %(reached)s; at most %(limit)s)."
        ),
        "beyond_allotment": _(
            "%(till)s sold %(sold)s of %(name)s without a network; its share was %(share)s. Count what is left."
        ),
        "returned_twice": _(
            "%(name)s came back at %(till)s (%(number)s, %(cashier)s) although it was back already: see %(others)s."
            " Ask both what they took, and compare the cash."
        ),
        "wrong_piece_back": _(
            "%(name)s came back as %(said)s; of this sale %(sold)s could come back. Look at the label of what is there."
        ),
        "return_of_unknown": _(
            "%(amount)s were paid back for a sale that is not known here. Look at the receipt at the till."
        ),
        "return_without_receipt": _(
            "%(amount)s were paid back without a receipt in a way that the settings don't allow. Ask %(cashier)s why."
        ),
        "refund_not_as_paid": _(
            "%(amount)s went back in cash; no more than %(due)s of the sale had been paid so. Ask %(cashier)s why."
        ),
        "refund_not_credited": _(
            "%(amount)s should have gone onto %(means)s, and there is no such account. Credit them by hand."
        ),
        "waste_not_written": _("%(name)s came back as waste, and stock could not write it off. Do it under Waste."),
        "exchange_open": _(
            "%(amount)s of this sale were paid with goods in exchange; the return that goes with it says %(taken)s."
        ),
        "held_sold_twice": _(
            "This sale was on hold, and receipt %(number)s at %(till)s was paid of it too. Ask whether the customer"
            " paid twice, and give back what is too much."
        ),
        "held_recalled_twice": _(
            "This sale was on hold and was recalled here without a network, while %(name)s went on with it at %(till)s."
            " Only one of them should be paid."
        ),
        "not_recorded": _("A record of the till could not be used: %(reason)s"),
    }

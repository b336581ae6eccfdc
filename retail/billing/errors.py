"""What can't be done with a subscription, in sentences for its owner or the operator."""

from __future__ import annotations

from retail.kit.errors import Conflict
from retail.kit.text import _


class NotSubscribed(Conflict):
    """The business has no subscription yet."""

    code = "not_subscribed"

    def sentence(self) -> str:
        """Say what comes first."""
        return _("This business has no subscription yet. Choose a plan first.")


class SubscriptionChanged(Conflict):
    """Somebody else, or the hourly run, has changed the subscription meanwhile."""

    code = "subscription_changed"

    def sentence(self) -> str:
        """Say what to do."""
        return _("The subscription has changed meanwhile. Look at it again, then decide.")


class NoTrial(Conflict):
    """There is no trial that could go on."""

    code = "no_trial"

    def sentence(self) -> str:
        """Say why not."""
        return _("Its trial can't go on: it never had one, its first invoice is there, or an operator holds it.")


class NothingToPay(Conflict):
    """The invoice is paid in full."""

    code = "nothing_to_pay"

    def sentence(self) -> str:
        """Say so."""
        return _("This invoice is paid in full.")


class PaidTwice(Conflict):
    """A payment with this reference was noted before."""

    code = "payment_noted"

    def sentence(self) -> str:
        """Say how to tell them apart."""
        return _("A payment with this reference was noted already. Use the reference of the other transfer.")


class TakenBack(Conflict):
    """A payment was taken back before."""

    code = "payment_taken_back"

    def sentence(self) -> str:
        """Say that nothing is left to do."""
        return _("This payment is taken back already. Load the page again.")


class TooMuch(Conflict):
    """More was to be noted than is open."""

    code = "payment_too_large"

    def sentence(self) -> str:
        """Say what fits."""
        return _("That is more than is open on this invoice. Note the open amount; send the rest back.")


class NoCards(Conflict):
    """No payment provider is set up here, or it can't be reached."""

    code = "no_card_payment"

    def sentence(self) -> str:
        """Say how else to pay."""
        return _("Payment by card isn't possible just now. Try again later, or pay by bank transfer.")


class NoCardKept(Conflict):
    """There is no card to remove."""

    code = "no_card_kept"

    def sentence(self) -> str:
        """Say so."""
        return _("No card is kept for this business any more.")


class CouponUnknown(Conflict):
    """No such coupon, or it is over, or used up."""

    code = "coupon_unknown"

    def sentence(self) -> str:
        """Say the same whatever it was: a code can't be guessed by what is answered."""
        return _("This code isn't valid, or not any more. Check how it is written.")


class CouponTaken(Conflict):
    """There is a coupon of this code already."""

    code = "coupon_code_taken"

    def sentence(self) -> str:
        """Say to choose another."""
        return _("There is a coupon with this code already. Choose another code.")

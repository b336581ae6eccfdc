"""The settings of stock: what goods cost, what a till does with too few of them, how surely they are there."""

from __future__ import annotations

from typing import Final

from retail.tenants.setting import Setting, said

_SHARES: Final = ("75", "85", "90", "93", "95", "97", "99")
_PERCENT: Final = tuple(f"{share} %" for share in _SHARES)
_ENOUGH: Final = said("How often goods should last until the next ones come. More needs more stock.")

STOCK: Final[tuple[Setting, ...]] = (
    Setting("costing", "stock", said("What goods cost"),
            said("By average: each piece costs the mean of what is there. First in, first out: the oldest goods leave"
                  " first, at what they cost. A change holds from now on."), "choice", default="average",
            choices=("average", "fifo"), words=(said("By average"), said("First in, first out")), required=True),
    Setting("negative_stock", "stock", said("More is sold than there is"),
            said("What a till with a network does before payment. What is paid for is always taken in."), "choice",
            default="allow", scope="both", choices=("allow", "block"),
            words=(said("Sell it, and note it for a count"), said("Don't sell it")), required=True),
    Setting("review_days", "stock", said("Ordered every"),
            said("How often you look at what to order: 1 is daily, 7 weekly."), "whole", default=1,
            least=1, most=28, unit=said("days"), required=True),
    Setting("service_a", "stock", said("In stock: A, what sells best"), _ENOUGH, "choice", default="97",
            choices=_SHARES, words=_PERCENT, required=True),
    Setting("service_b", "stock", said("In stock: B"), _ENOUGH, "choice", default="93", choices=_SHARES, words=_PERCENT,
            required=True),
    Setting("service_c", "stock", said("In stock: C, what sells least"), _ENOUGH, "choice", default="85",
            choices=_SHARES, words=_PERCENT, required=True),
)  # fmt: skip

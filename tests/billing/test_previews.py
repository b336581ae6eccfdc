"""What the page before a plan is taken says of what there is: more than it holds, or that it fits."""

from __future__ import annotations

from retail.billing.plans import Plan
from retail.billing.previews import beyond, fits
from retail.billing.queries import Usage

PRO = Plan("pro", "Pro", 2, "EUR", 5900, 59000, 25, 5, 5000, 15, ())


def test_products_beyond_a_smaller_plan_are_told_in_the_stores_that_there_are() -> None:
    assert beyond(PRO, Usage(people=3, stores=3, tills=2, products=20416), "en") == [
        "20,416 of 15,000 products on sale: none is taken away, but no new one can be added."
    ]


def test_what_fits_is_told_too() -> None:
    used = Usage(people=3, stores=5, tills=2, products=20416)
    assert beyond(PRO, used, "en") == []
    assert fits(PRO, used, "en") == "What you have fits: 20,416 of 25,000 products on sale."
    assert fits(PRO, used, "de") == "What you have fits: 20.416 of 25.000 products on sale."

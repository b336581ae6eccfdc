"""Offers: what takes something off a basket by a rule, the coupons for them, and what they gave away."""

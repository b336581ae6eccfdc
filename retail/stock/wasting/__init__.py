"""Waste: goods that can't be sold any more, each with a reason of the shop's own list and posted to its account."""

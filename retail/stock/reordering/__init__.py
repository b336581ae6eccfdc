"""When to order and how much: rules per product and store, and the suggestions that follow from them.

Purchasing takes `suggestions` over; nothing is ordered here. docs/algorithms/reordering.md has the rules.
"""

"""Kept goods: a basket kept for a customer against down payments until a day. docs/algorithms/layaways.md.

What was paid is a value account of the same id; the goods are reservations with the layaway as their source.
"""

"""Counts: several people count a store's shelves while it sells, and what differs is corrected when they have finished.

`start`, `record`, `count_again`, `finish` and `cancel` are the verbs; docs/algorithms/counting.md has the rules.
"""

"""Allotments: of goods that are scarce, each till of a store may sell so much without a network and no more.

docs/algorithms/allotments.md has the rules.
"""

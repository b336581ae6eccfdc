"""Risk: what cashiers do oftener, sooner or larger than they should is laid before a person, with its evidence.

Nothing here refuses a sale, and nothing is shown to a customer. docs/algorithms/risk.md has the rules.
"""

"""What goods cost: moving average or layers, first in first out; what is left is worth what is not yet gone, exactly.

`settle` is called by each fold; `correct_cost` by whoever learns what a receipt really cost. Nothing that was recorded
is rewritten: a difference becomes a revaluation of today. docs/algorithms/costing.md has the rules, worked out.
"""

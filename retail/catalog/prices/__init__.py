"""What a thing costs, where, for whom and when: price lists, their resolution, changes of prices and their history.

docs/algorithms/prices.md has the rule; rules.py and windows.py are the rule, and nothing else decides on a price.
"""

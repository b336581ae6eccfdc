"""What a tax class comes to, when and for whom: dated rates, components, exemptions, fiscal positions.

docs/algorithms/taxes.md has the rules; rules.py is the rules.
"""

"""Vigilance: what cashiers did beside the others of their store, and who did so day after day.

It reads what risk noted and what analytics added up, and opens cases among the alerts of risk. Nothing here refuses
a sale. docs/algorithms/anomalies.md has the rules.
"""

"""Recommendations: what is bought together, what to add to a basket, and what is never shown with what.

The worker works the neighbours out (`jobs.py`); everybody else reads what it kept. docs/algorithms/also-bought.md has
the rules.
"""

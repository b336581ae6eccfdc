"""Segments of customers: who they are by what they bought, what they are worth, whether they will come back.

The worker works it all out (`jobs.py`); everybody else reads what it kept. docs/algorithms/segments.md has the rules.
"""

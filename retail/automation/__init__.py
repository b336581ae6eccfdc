"""Automation: what goes in and out of a business as files.

An import is checked as a whole before it changes anything, and stored by a job: all of it, or the good rows. An export
of a list is the same table the other way round, so that it imports again without a change.
docs/algorithms/exchange.md explains both.
"""

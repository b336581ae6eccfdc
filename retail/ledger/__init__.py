"""The books: every event that has money in it becomes one balanced journal entry, in its own transaction.

`post` writes entries and nothing else; `open_books` gives a new tenant its chart of accounts. Amounts are whole minor
units, above zero a debit, below zero a credit. Entries are appended, never edited: a correction is a new entry.
docs/algorithms/books.md says which event posts what.
"""

from __future__ import annotations

from retail.ledger.errors import EmptyBooks, Unbalanced
from retail.ledger.operations import open_books, post
from retail.ledger.rules import PURPOSES, Entry, Posting

__all__ = ["PURPOSES", "EmptyBooks", "Entry", "Posting", "Unbalanced", "open_books", "post"]

"""News and messages: what the operator tells businesses, private threads of people, stores and tills, notes for shifts.

What somebody wrote reaches those it was written for, and nobody else: neither another business, nor the operator where
they are no part of a thread, nor somebody who has left.
"""

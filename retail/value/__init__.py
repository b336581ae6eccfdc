"""Stored value: what somebody has with us before they buy, or owes us after. docs/algorithms/stored-value.md.

`redeem`, `load` and `give_back` are for whoever posts its own journal entry, with the purpose of `PURPOSES[kind]`; one
source makes one move of a cause on an account. What pages do (retail/value/desk.py) posts its entry itself.
"""

from __future__ import annotations

from retail.value.operations import account_of, give_back, load, open_down_payment, redeem, take_out
from retail.value.queries import find
from retail.value.rules import PURPOSES, Taken, Use

__all__ = [
    "PURPOSES",
    "Taken",
    "Use",
    "account_of",
    "find",
    "give_back",
    "load",
    "open_down_payment",
    "redeem",
    "take_out",
]

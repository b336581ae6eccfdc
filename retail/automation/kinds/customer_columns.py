"""The columns of files of customers: for reading, writing, mapping and the page about them."""

from __future__ import annotations

from typing import Final

from retail.automation.cells import MONEY, text
from retail.automation.columns import Column, said
from retail.customers.rules import LENGTHS

CUSTOMERS: Final[tuple[Column, ...]] = (
    Column(
        "name", said("Name"), text(LENGTHS["name"]), said("As you call them."),
        ("customer", "customer name", "full name", "client", "kunde", "client name", "nom"), needed=True,
    ),
    Column(
        "phone", said("Phone"), text(LENGTHS["phone"]), said("As you dial it; without a prefix it is in your country."),
        ("telephone", "tel", "mobile", "mobile phone", "telefon", "handy"),
    ),
    Column("email", said("E-mail"), text(LENGTHS["email"]), said("Such as anna@example.com."), ("e mail", "mail")),
    Column(
        "member_card", said("Card"), text(LENGTHS["member_card"]), said("The number of their customer card."),
        ("card", "card number", "customer number", "customer no", "loyalty card", "kundennummer", "kundenkarte"),
    ),
    Column(
        "group", said("Group"), text(LENGTHS["group"]), said("Price lists of this group are theirs."),
        ("price group", "customer group", "kundengruppe"),
    ),
    Column(
        "credit_limit", said("Credit limit"), MONEY, said("What they may owe you at most; empty: nothing."),
        ("credit", "limit", "kreditlimit"),
    ),
    Column(
        "note", said("Note"), text(LENGTHS["note"], lines=True), said("For yourselves."),
        ("notes", "comment", "comments", "remark", "remarks"),
    ),
)  # fmt: skip

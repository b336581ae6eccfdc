"""`countertop person`: disable an account in every business at once, and enable it again."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console
from rich.markup import escape

from retail.identity.disabling import disable_account, enable_account
from retail.runtime.db import Database
from retail.runtime.tenancy import SYSTEM

Verbs = Any  # argparse gives the action that holds the verbs no public name


def add_people(verbs: Verbs) -> None:
    """Add the verb `person` to the command line."""
    kinds = verbs.add_parser("person", help="accounts: disable one everywhere, enable it again")
    kinds = kinds.add_subparsers(dest="verb", required=True)
    for verb, what in (
        ("disable", "sign somebody out everywhere, for as long as they are disabled"),
        ("enable", "let a disabled account in again, with the roles that it had"),
    ):
        kind = kinds.add_parser(verb, help=what)
        kind.add_argument("email", help="the address that the account signs in with")
        kind.add_argument("--reason", default="on the command line", help="why; it stands in the audit trail")


async def person(db: Database, asked: argparse.Namespace, console: Console) -> int:
    """Disable or enable an account; gives the exit code. Raises NoSuchAccount, OnlyOwner.

    Running processes close its sockets once a worker has told them, and know it no more within two seconds.
    """
    if asked.verb == "disable":
        ended = await disable_account(db, SYSTEM, asked.email, asked.reason)
        counts = f"{len(ended.sessions)} sessions and {len(ended.tokens)} tokens have ended."
        console.print(f"{escape(asked.email)} is disabled. {counts}", highlight=False)
        return 0
    await enable_account(db, SYSTEM, asked.email, asked.reason)
    console.print(f"{escape(asked.email)} is enabled, and signs in anew.", highlight=False)
    return 0

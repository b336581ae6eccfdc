"""`countertop alarm`: what programs beside the product tell it, so that people hear of it."""

from __future__ import annotations

import argparse
from typing import Any, Final

from rich.console import Console

from retail.failed_backups import tell_failed_backup
from retail.runtime.db import Database

Verbs = Any  # argparse gives the action that holds the verbs no public name
_MOST: Final = 500


def add_alarms(verbs: Verbs) -> None:
    """Add the verb `alarm` to the command line."""
    kinds = verbs.add_parser("alarm", help="tell operators and owners of what went wrong beside the product")
    kinds = kinds.add_subparsers(dest="verb", required=True)
    backup = kinds.add_parser("backup", help="the program that makes backups has failed")
    backup.add_argument("--reason", required=True, help="what it said; operators read it in a mail")


async def alarm(db: Database, asked: argparse.Namespace, console: Console) -> int:
    """Tell of a backup that failed; gives the exit code. Raises Busy."""
    mailed = await tell_failed_backup(db, " ".join(asked.reason.split())[:_MOST])
    console.print(
        f"Operators mailed: {mailed}."
        if mailed
        else "Nobody was mailed: it was told in the last day, or there is no operator."
    )
    return 0

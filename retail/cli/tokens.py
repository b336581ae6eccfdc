"""`countertop token`: tokens for scripts, and a new key for the tokens that third parties check."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from rich.console import Console

from retail.audit.operations import note, platform_scope
from retail.cli.businesses import business
from retail.identity.roles import role as known_role
from retail.identity.signed_tokens import KEY
from retail.identity.token_keys import PUBLISHED_AHEAD
from retail.identity.token_rules import SIGNED_TOKEN
from retail.identity.tokens import create_token
from retail.runtime.db import Database, Tx
from retail.runtime.keys import Keyring
from retail.runtime.tenancy import SYSTEM, Scope
from retail.settings import Settings
from retail.tenants.queries import till_by_code

Verbs = Any  # argparse gives the action that holds the verbs no public name


def add_tokens(verbs: Verbs) -> None:
    """Add the verb `token` to the command line."""
    token = verbs.add_parser("token", help="API tokens for scripts; the key of signed tokens")
    kinds = token.add_subparsers(dest="verb", required=True)
    create = kinds.add_parser("create", help="make one and print it")
    create.add_argument("--tenant", required=True, metavar="SLUG")
    create.add_argument("--role", required=True, help="its key: owner, manager, clerk, viewer or one of your own")
    create.add_argument("--till", metavar="CODE", help="bind it to a till")
    rotate = kinds.add_parser("rotate-key", help="make a new key for signed tokens (JWT); nothing needs a restart")
    rotate.add_argument("--at-once", action="store_true", help="the old one was stolen: its tokens are void now")


async def token(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Run a verb of `token`; gives the exit code. Raises NoSuchBusiness, NotFound, BadKey."""
    if asked.verb == "rotate-key":
        return await _rotate(db, settings, console, at_once=asked.at_once)
    facts = await business(db, asked.tenant)
    secret = await db.run(Scope.system(facts.id), _make_token, asked.role, asked.till)
    sys.stdout.write(f"{secret}\n")  # nothing else, so that a script can take it
    return 0


async def _rotate(db: Database, settings: Settings, console: Console, *, at_once: bool) -> int:
    keyring = Keyring.open(settings)
    before = keyring.versions(KEY)
    version = keyring.rotate(KEY)
    if at_once:
        for old in before:
            keyring.destroy(KEY, old)
    await note(db, platform_scope(SYSTEM), "key.rotated", "key", None, name=KEY, version=version, at_once=at_once)
    called = keyring.signer(KEY).key_id
    ahead, lives = (int(span.total_seconds() // 60) for span in (PUBLISHED_AHEAD, SIGNED_TOKEN))
    when = "now; tokens of the old ones are void" if at_once else f"in {ahead} minutes, when all can know it"
    console.print(f"Key {called} signs {when}.", highlight=False)
    if not at_once:
        console.print(
            f"The old one is believed until its last token has ended, {lives} minutes later.", highlight=False
        )
    return 0


async def _make_token(tx: Tx, role: str, till_code: str | None) -> str:
    await known_role(tx, role)
    till = await till_by_code(tx, till_code) if till_code else None
    return await create_token(tx, role=role, name="Made on the command line", till=till.id if till else None)

"""`countertop audit`: verify an export or a business's own chain, hand out chain and keys, rotate the key."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from rich.console import Console

from retail.audit import verify
from retail.audit.anchors import KEY, Outside
from retail.audit.exports import export_chain, public_keys
from retail.audit.operations import note, platform_scope
from retail.audit.sealing import Sealer, Unrecognised, signed_head
from retail.cli.businesses import business
from retail.kit.errors import DomainError
from retail.kit.text import _
from retail.life.jobs import erase_again
from retail.privacy.erased import Erased
from retail.privacy.repeating import repeat
from retail.runtime.audit_record import PLATFORM
from retail.runtime.db import Database
from retail.runtime.tenancy import SYSTEM, Scope
from retail.settings import Settings

_ATTEMPTS: Final = 40
_PAUSE: Final = 0.25

Verbs = Any  # argparse gives the action that holds the verbs no public name


class NothingSealed(DomainError):
    """The chain has no signed head yet."""

    def sentence(self) -> str:
        """Say what to do."""
        return _("Nothing is sealed in this audit trail yet. Start a worker, and try again in a minute.")


def add_audit(verbs: Verbs) -> None:
    """Add the verb `audit` to the command line."""
    audit = verbs.add_parser("audit", help="the audit trail: verify, export, public keys, rotate-key, accept-restore")
    kinds = audit.add_subparsers(dest="verb", required=True)
    kinds.add_parser("verify", help="verify an export; needs no database (its own --help says more)")
    export = kinds.add_parser("export", help="write a chain to the standard output, as verify reads it")
    accept = kinds.add_parser("accept-restore", help="say that a backup was restored, so that sealing goes on")
    accept.add_argument("--reason", required=True, help="which backup, and why; it is shown for ever")
    for kind in (export, accept):
        whose = kind.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", metavar="SLUG")
        whose.add_argument("--platform", action="store_true", help="the chain of what belongs to no business")
    kinds.add_parser("keys", help="write the public keys to the standard output")
    kinds.add_parser("rotate-key", help="make a new signing key; restart web and workers to sign with it")


def verify_export(arguments: Sequence[str]) -> int:
    """Run the standalone verifier; gives its exit code."""
    return verify.main(list(arguments))


def write_keys(settings: Settings) -> int:
    """Write the public keys to the standard output; gives the exit code."""
    sys.stdout.write(public_keys(Outside.of(settings).keyring))
    return 0


async def audit(db: Database, asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Run the verbs that need a database; gives the exit code. Raises NothingSealed, NoSuchBusiness."""
    outside = Outside.of(settings)
    if asked.verb == "rotate-key":
        version = outside.keyring.rotate(KEY)
        await note(db, platform_scope(SYSTEM), "key.rotated", "key", None, name=KEY, version=version)
        console.print(f"Key {outside.keyring.signer(KEY).key_id} signs once web and workers are restarted.")
        return 0
    scope = Scope.system(PLATFORM if asked.platform else (await business(db, asked.tenant)).id)
    if asked.verb == "export":
        await note(db, scope, "audit.exported", "audit", None, format="jsonl")
        await _seal(db, scope, Sealer(db, outside), console)
        async with db.read(scope) as read:
            async for line in export_chain(read):
                sys.stdout.write(line)
        return 0
    await _erase_again(db, None if asked.platform else scope.tenant, Erased(outside), console)
    async with db.read(scope) as read:
        head = await signed_head(read)
    if head is None:
        raise NothingSealed
    outside.accept_restore(head, asked.reason, db.clock.now())
    await note(db, scope, "audit.restore_accepted", "audit", None, seq=head.seq, reason=asked.reason)
    console.print(f"The chain goes on from record {head.seq}. What it lost is named by every verification.")
    return 0


async def _seal(db: Database, scope: Scope, sealer: Sealer, console: Console) -> None:
    """Have what waits sealed, so that an export reaches as far as the heads outside; a worker may be at it already."""
    for _attempt in range(_ATTEMPTS):
        try:
            await sealer.seal(scope.tenant)
        except Unrecognised as refused:
            console.print(f"Nothing is sealed any more: {refused}. The export ends before what waits.")
            return
        async with db.read(scope) as read:
            if not await read.fetchval("SELECT EXISTS (SELECT FROM audit_waiting WHERE tenant_id = $1)", read.tenant):
                return
        await asyncio.sleep(_PAUSE)
    console.print("Records are written faster than they are sealed. The export ends before the last ones.")


async def _erase_again(db: Database, tenant: UUID | None, erased: Erased, console: Console) -> None:
    """Have done again what was erased behind the backup: people and customers of a business, or whole businesses."""
    if tenant is None:
        found = [await erase_again(db, line) for line in await asyncio.to_thread(erased.businesses)]
        console.print(f"Businesses deleted again: {sum(found)}.")
        return
    done = await repeat(db, tenant, erased)
    console.print(f"Erasures begun again: {done.begun}; a worker carries them out.")
    for person in done.kept:
        console.print(f"Person {person} is the only owner in this backup. Name another owner, and run this again.")

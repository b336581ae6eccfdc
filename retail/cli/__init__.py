"""The command `countertop`: run the shop, keep its database, check it, hand data in and out."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from retail.cli.alarms import add_alarms
from retail.cli.auditing import add_audit, verify_export, write_keys
from retail.cli.bridge import add_bridge, serve
from retail.cli.commands import add_transfers, run
from retail.cli.forecasting import add_forecast, backtest
from retail.cli.kiosk import add_kiosk, kiosk
from retail.cli.people import add_people
from retail.cli.tokens import add_tokens
from retail.cli.up import PortTaken, Wanted, up
from retail.kit.errors import Busy, DomainError
from retail.runtime import room
from retail.runtime.embedded import EmbeddedError
from retail.runtime.given import NotUsable
from retail.runtime.keys import BadKey
from retail.runtime.safe_role import UnsafeRole
from retail.runtime.schema import MigrationFailed
from retail.seller import EXAMPLE
from retail.settings import BadSetting, Settings

REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code: 0 done, 1 a check failed, 2 it could not be done (with a sentence)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:2] == ["audit", "verify"]:
        return verify_export(given[2:])  # the standalone program has a command line of its own
    asked = _parser().parse_args(given)
    console = Console(stderr=asked.command not in {"up", "check", "rebuild", "token", "export", "forecast"})
    if asked.command == "up" and asked.demo and not any(name.startswith("BILLING_") for name in os.environ):
        os.environ.update(EXAMPLE)  # the processes that it starts read it too
    try:
        settings = Settings.from_env()
        if asked.command in {"up", "bridge", "kiosk", "forecast"}:
            return _alone(asked, settings, console)
        keys_only = asked.command == "audit" and asked.verb == "keys"
        return write_keys(settings) if keys_only else asyncio.run(run(asked, settings, console))
    except (
        BadKey,
        BadSetting,
        EmbeddedError,
        MigrationFailed,
        NotUsable,
        PortTaken,
        UnsafeRole,
        DomainError,
    ) as refusal:
        starved = isinstance(refusal, Busy) and room.free_bytes(settings.data_dir) < room.FULL_BYTES
        sys.stderr.write(f"{room.full_sentence(settings.data_dir) if starved else refusal}\n")
        return REFUSED
    except OSError as error:
        if not room.is_full(error):
            raise
        sys.stderr.write(f"{room.full_sentence(settings.data_dir)}\n")
        return REFUSED
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what was finished is kept.\n")
        return 130


def _alone(asked: argparse.Namespace, settings: Settings, console: Console) -> int:
    """Run what needs no servers that run already: the shop itself, what stands beside a till, forecasts of a file."""
    if asked.command == "forecast":
        return backtest(asked, console)
    if asked.command == "bridge":
        return serve(asked, console)
    if asked.command == "kiosk":
        return kiosk(asked)
    settings = replace(settings, host=asked.host or settings.host, port=asked.port or settings.port)
    return up(settings, Wanted(asked.demo, asked.web, asked.workers), console)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="countertop", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    start = verbs.add_parser("up", help="run the shop: servers, web and workers, until Ctrl-C")
    start.add_argument("--demo", action="store_true", help="fill an empty database with a business to try")
    start.add_argument("--web", type=int, default=1, metavar="N", help="web processes (1)")
    start.add_argument("--workers", type=int, default=1, metavar="N", help="worker processes (1)")
    start.add_argument("--host", help="address to listen on (HOST, 127.0.0.1)")
    start.add_argument("--port", type=int, help="port to listen on (PORT, 8000)")
    verbs.add_parser("migrate", help="bring the database to this version's schema")
    seed = verbs.add_parser("seed", help="fill an empty database")
    seed.add_argument("--demo", action="store_true", required=True, help="with a business to try")
    check = verbs.add_parser("check", help="recompute every invariant; exits 1 with a list where one fails")
    check.add_argument("--tenant", metavar="SLUG", help="one business only")
    again = verbs.add_parser("rebuild", help="work out every figure of analytics anew from the sales; then compare")
    again.add_argument("--tenant", metavar="SLUG", help="one business only")
    add_tokens(verbs)
    add_transfers(verbs)
    add_audit(verbs)
    add_people(verbs)
    add_alarms(verbs)
    add_kiosk(verbs)
    add_bridge(verbs)
    add_forecast(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`countertop bridge`: a small program beside a till that passes receipts on to printers of the network.

A browser can't open a socket to a printer. The bridge listens on this machine alone, answers the shop's own pages only
(their Origin), wants the secret that it has shown when it was started, and reaches no printer but those it was told of.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from retail.runtime.web.headers import BRIDGE_PORT

MOST_BYTES: Final = 4_000_000
PATIENCE: Final = 8.0
RAW_PORT: Final = 9100
Verbs = Any  # argparse gives the action that holds the verbs no public name


@dataclass(frozen=True, slots=True)
class Bridge:
    """Who may print, and where."""

    secret: str
    origins: frozenset[str]
    printers: frozenset[tuple[str, int]]

    def app(self) -> Starlette:
        """Give the program that answers."""
        return Starlette(routes=[Route("/print", self._print, methods=["OPTIONS", "POST"])])

    async def _print(self, request: Request) -> Response:
        origin = request.headers.get("origin", "")
        if origin not in self.origins:
            return Response("This page may not print here. Start the bridge with its address: --origin.", 403)
        allowed = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": "authorization, content-type, x-printer",
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Max-Age": "600",
            "Vary": "Origin",
        }
        answer = Response(status_code=204) if request.method == "OPTIONS" else await self._passed(request)
        answer.headers.update(allowed)
        return answer

    async def _passed(self, request: Request) -> Response:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            return Response("The pairing secret is another one.", 401)
        try:
            printer = address(request.headers.get("x-printer", ""))
        except ValueError:
            return Response("This is no address of a printer.", 400)
        if printer not in self.printers:
            return Response("The bridge was not told of this printer. Start it with --printer.", 403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return Response("This is too long for a receipt.", 413)
        try:
            await asyncio.wait_for(_send(printer, bytes(body)), PATIENCE)
        except (OSError, TimeoutError):
            return Response("The printer doesn't answer. Is it on, and is its cable in?", 502)
        return Response(status_code=204)


async def _send(printer: tuple[str, int], body: bytes) -> None:
    _reader, writer = await asyncio.open_connection(*printer)
    try:
        writer.write(body)
        await writer.drain()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def address(text: str) -> tuple[str, int]:
    """Read "192.168.1.50" or "192.168.1.50:9100". Raises ValueError."""
    host, _, port = text.strip().partition(":")
    number = int(port) if port else RAW_PORT
    if not host or not all(one.isalnum() or one in "-." for one in host) or not 0 < number < 65536:
        raise ValueError(text)
    return host.lower(), number


def kept_secret(file: Path) -> str:
    """Give the secret of this machine's bridge: made once, readable by nobody else."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text(encoding="ascii").strip()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(18)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as opened:
        opened.write(secret + "\n")
    return secret


def add_bridge(verbs: Verbs) -> None:
    """Add the verb `bridge` to the command line."""
    one = verbs.add_parser("bridge", help="beside a till: pass receipts on to printers of the network")
    one.add_argument("--origin", action="append", required=True, metavar="URL", help="address of the shop's pages")
    one.add_argument("--printer", action="append", required=True, metavar="HOST[:PORT]", help="a printer it may reach")
    one.add_argument("--secret-file", type=Path, default=Path.home() / ".countertop" / "bridge.secret")


def serve(asked: argparse.Namespace, console: Console) -> int:
    """Run the bridge until Ctrl-C; gives the exit code."""
    try:
        bridge = bridge_of(asked.origin, asked.printer, kept_secret(asked.secret_file))
    except ValueError as wrong:
        console.print(f"“{wrong}” is no address of a printer, such as 192.168.1.50:9100.", highlight=False)
        return 2
    console.print(f"The bridge listens on 127.0.0.1:{BRIDGE_PORT}. Pairing secret: {bridge.secret}", highlight=False)
    console.print("Type it at the till: This till, Receipt printer, Network, through the bridge.", highlight=False)
    uvicorn.run(bridge.app(), host="127.0.0.1", port=BRIDGE_PORT, log_level="warning", server_header=False)
    return 0


def bridge_of(origins: Sequence[str], printers: Sequence[str], secret: str) -> Bridge:
    """Make a bridge of what was typed. Raises ValueError for what is no printer."""
    return Bridge(secret, frozenset(one.rstrip("/") for one in origins), frozenset(address(one) for one in printers))

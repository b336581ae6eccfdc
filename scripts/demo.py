"""The demo for a script that looks at it: started on a folder of its own, stopped after, and nothing left behind.

Its shops stand where it is afternoon just now, so that a day with trade in it is seen whenever it is looked at.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 900  # seconds for the first start
AFTERNOON = 16  # o'clock: most of the day is sold, and customers still come


def free_port() -> int:
    """Find a port of the loopback that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def afternoon_zone(now: datetime) -> str:
    """Name a time zone without a summer time where it is past four in the afternoon."""
    ahead = (AFTERNOON - now.astimezone(UTC).hour + 11) % 24 - 11  # -11 to 12 hours ahead of UTC
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/UTC"  # these names count westwards


def wait_until_open(origin: str, shop: subprocess.Popen[bytes]) -> None:
    """Wait until the demo is ready to serve."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and shop.poll() is None:
        try:
            with urllib.request.urlopen(f"{origin}/readyz", timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.5)
    raise SystemExit("The demo did not start.")


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Run the demo; gives its address and the time zone of its shops. It takes as long as the first `make run`.

    Raises SystemExit where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="ct-") as folder:
        port, zone = free_port(), afternoon_zone(datetime.now(UTC))
        command = [str(Path(sys.executable).with_name("countertop")), "up", "--demo", "--port", str(port)]
        shop = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DATA_DIR": folder, "DEMO_TIMEZONE": zone})  # noqa: S603 - our own
        try:
            wait_until_open(f"http://127.0.0.1:{port}", shop)
            yield f"http://127.0.0.1:{port}", zone
        finally:
            shop.send_signal(signal.SIGINT)
            shop.wait(timeout=60)

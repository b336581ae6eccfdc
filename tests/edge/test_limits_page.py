"""docs/security/limits.md has the numbers that the code keeps to, all of them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retail import serve
from retail.runtime.realtime import connection, hub, sockets
from retail.runtime.web import context, forms, middleware, protocol, reports, shape
from retail.runtime.web.limits import LIMITS
from retail.runtime.web.pace import PACES
from retail.sales.operations import MOST_AT_ONCE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "security" / "limits.md").read_text()
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
SIGN_IN = ("password.", "code", "confirm", "passkey")


def test_the_tries_are_the_codes() -> None:
    rows = re.findall(r"^\| ([a-z.]+) \| [^|]+ \| (\d+) \| (\d+) (\w+?)s? \| window \|$", PAGE, re.MULTILINE)
    written = {name: (int(tries), timedelta(seconds=int(n) * UNITS[unit])) for name, tries, n, unit in rows}
    kept = {n: (limit.tries, limit.window) for n, limit in LIMITS.items() if not n.startswith(SIGN_IN)}
    assert written == kept
    assert all(LIMITS[name].longest is None for name in written)


def test_the_paces_are_the_codes() -> None:
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| ([\d.]+) \| (\d+) \| (\d+|-) \|$", PAGE, re.MULTILINE)
    written = {name: (float(rate), int(burst), None if most == "-" else int(most)) for name, rate, burst, most in rows}
    assert written == {name: (pace.per_second, pace.burst, pace.at_once) for name, pace in PACES.items()}


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("head that isn't complete yet", protocol.MOST_HEAD_BYTES),
        ("seconds for a head to arrive", protocol.HEAD_SECONDS),
        ("headers", shape.MOST_HEADERS),
        ("bytes of headers", shape.MOST_HEADER_BYTES),
        ("bytes of a query", shape.MOST_QUERY_BYTES),
        ("bytes of a path", shape.MOST_PATH_BYTES),
        ("body", context.BODY_LIMIT),
        ("seconds for a body", middleware.BODY_SECONDS),
        ("fields of a form", forms.MOST_FIELDS),
        ("report of a broken policy", reports.MOST_BYTES),
        ("bytes of a message", serve.MOST_MESSAGE_BYTES),
        ("messages a second", connection.MOST_PER_SECOND),
        ("sockets of a session or token", hub.MOST_SOCKETS),
        ("topics of a socket", sockets.MOST_TOPICS),
        ("seconds for the first message of a program", sockets.HELLO_SECONDS),
    ],
)
def test_sizes_and_times_are_the_codes(row: str, value: Any) -> None:
    [written] = re.findall(rf"^\| {re.escape(row)} \| ([\d.]+)", PAGE, re.MULTILINE)
    assert float(written) == float(value)


def test_the_other_numbers_are_the_codes() -> None:
    flat = " ".join(PAGE.split())
    assert f"one more for each {middleware.BODY_RATE} bytes" in flat
    assert f"at most {MOST_AT_ONCE} sales each" in flat
    assert connection.MOST_BYTES_IN == serve.MOST_MESSAGE_BYTES

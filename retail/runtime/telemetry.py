"""Logs that machines can read, one JSON object a line, and counters. Whatever users type stays on its line."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TextIO

from prometheus_client import Counter, Gauge, Histogram

from retail.kit.cards import without_cards

REQUESTS = Counter("countertop_requests", "Answered requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "countertop_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SOCKETS = Gauge("countertop_sockets", "Open WebSockets of this process.", multiprocess_mode="livesum")
DISK_FREE = Gauge("countertop_disk_free_bytes", "Room on the disk of DATA_DIR.", multiprocess_mode="mostrecent")
CSP_REPORTS = Counter("countertop_csp_reports", "Violations of the pages' policy that browsers reported.")
SIGN_INS = Counter("countertop_sign_ins", "Tries to sign in.", ["outcome"])

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_about: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=_NOTHING)
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
_SECRET_NAMES: Final = re.compile(
    r"password|secret|token|cookie|authorization|otp|^pin$|pan$|cvv|card_number", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    r"\bct_[A-Za-z0-9_-]{16,}|(?<=://)[^\s:/@]*:[^\s@]+(?=@)|(?i:(?<=bearer ))\S+|\$argon2id\$\S+"
)
_ADDRESS: Final = re.compile(r"[\w.+'-]{1,64}(?:@|%40)(?=[\w-]{1,63}\.)")
"""What stands in front of the @ of an e-mail address: who it is. The domain helps to find a fault, and stays."""
_LONGEST: Final = 4000
_SHORTEST_SECRET: Final = 6
"""A password in an address, `://:p@`; whatever else is taken out is longer."""
_LINE: Final = json.JSONEncoder(default=str)


@contextmanager
def about(**facts: str) -> Iterator[None]:
    """Add facts (request_id, tenant, person) to every line that is logged inside the block."""
    token = _about.set({**_about.get(), **facts})
    try:
        yield
    finally:
        _about.reset(token)


def fact(name: str) -> str:
    """Give a fact of the block (request_id, tenant, person), '' where there is none."""
    return _about.get().get(name, "")


class JsonLines(logging.Formatter):
    """Writes a record as one line of ASCII JSON: ts, level, event, the block's facts, the record's own, error, stack.

    Secrets are taken out by their names and their shapes, and so are numbers of cards and who an e-mail address is;
    line breaks and control characters come out escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _clean(record.getMessage()),
            **_about.get(),
        }
        for name, value in record.__dict__.items():
            if name not in _STANDARD:
                line[name] = "…" if _is_secret(name) else _clean(value)
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            line["error"] = f"{type(error).__name__}: {_clean(str(error))}"
            line["stack"] = [_clean(part.strip()) for part in traceback.format_tb(error.__traceback__)]
        return _LINE.encode(line)


@lru_cache(maxsize=256)
def _is_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def cleaned(text: str) -> str:
    """Give a text as a log line may hold it: without secrets, numbers of cards, and who an e-mail address is."""
    return str(_clean(text))


def _clean(value: object) -> object:
    if isinstance(value, int | float | bool) or value is None:
        return value
    text = str(value)[:_LONGEST]
    if len(text) < _SHORTEST_SECRET:
        return text
    text = without_cards(_SECRET_TEXT.sub("…", text))
    return _ADDRESS.sub("…@", text) if "@" in text or "%40" in text else text


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every logger of the process to `stream` (standard output) as JSON lines."""
    # No line names the place it was logged from, so nobody looks for it (Python's logging how-to, "Optimization").
    logging._srcfile = None  # noqa: SLF001 - that is where it says so
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = name != "uvicorn.access"

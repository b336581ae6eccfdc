"""A log line is one line of JSON, whatever a user typed, and holds no secret."""

from __future__ import annotations

import io
import json
import logging

import pytest

from retail.runtime.telemetry import JsonLines, about


@pytest.fixture
def lines() -> tuple[logging.Logger, io.StringIO]:
    out = io.StringIO()
    logger = logging.getLogger("countertop.test")
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    logger.handlers[:], logger.propagate = [handler], False
    logger.setLevel("INFO")
    return logger, out


def test_line_breaks_and_escapes_stay_inside_the_line(lines: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = lines
    nasty = 'x\r\n{"level":"info"}\u2028\u0085\x1b[31m"'
    with about(request_id="abc"):
        logger.info("typed %s", nasty, extra={"name_typed": nasty})
    text = out.getvalue()
    assert text.count("\n") == 1
    assert text.isascii()
    assert "\r" not in text
    assert "\x1b" not in text
    line = json.loads(text)
    assert line["event"] == f"typed {nasty}"
    assert line["name_typed"] == nasty
    assert (line["request_id"], line["level"]) == ("abc", "info")


def test_the_block_ends(lines: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = lines
    with about(tenant="corner"):
        pass
    logger.info("after")
    assert "tenant" not in json.loads(out.getvalue())


def test_secrets_are_left_out(lines: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = lines
    token = "ct_" + "a" * 43
    try:
        raise ValueError(f"bad {token} at postgresql://app:hunter2@db/shop, Bearer {token}")
    except ValueError:
        logger.exception("refused %s", token, extra={"password": "hunter2", "session_token": "s3cret", "cookie": "s=1"})
    text = out.getvalue()
    assert token not in text
    assert "hunter2" not in text
    assert "s3cret" not in text
    line = json.loads(text)
    assert line["password"] == line["session_token"] == line["cookie"] == "…"
    assert line["error"].startswith("ValueError: bad …")
    assert "test_secrets_are_left_out" in line["stack"][0]

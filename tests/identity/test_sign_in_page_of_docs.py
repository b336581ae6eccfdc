"""docs/security/sign-in.md says the numbers that the code keeps to."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from retail.identity import rules
from retail.identity.policy import SignInPolicy
from retail.identity.totp import RECOVERY_BYTES, RECOVERY_CODES, SECRET_BYTES, STEP_SECONDS
from retail.identity.words import common_passwords
from retail.runtime.web.limits import LIMITS
from retail.runtime.web.routing import CONFIRMED_FOR

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "security" / "sign-in.md").read_text()
FLAT = " ".join(PAGE.split())
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def span(words: str) -> timedelta:
    count, unit = words.split()
    return timedelta(seconds=int(count) * UNITS[unit.rstrip("s")])


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("idle, back office", rules.SESSION_IDLE),
        ("idle, once it has opened a till", rules.TILL_IDLE),
        ("at most, however busy", rules.SESSION_ABSOLUTE),
        ("between the factors", rules.BETWEEN_FACTORS),
        ('"confirm it\'s you"', CONFIRMED_FOR),
        ("known browser", rules.BROWSER_KNOWN),
        ("history of sign-ins", rules.HISTORY_KEPT),
        ("access token", rules.ACCESS_TOKEN),
        ("refresh token", rules.REFRESH_TOKEN),
    ],
)
def test_times_of_sessions_are_the_codes(row: str, value: timedelta) -> None:
    [written] = re.findall(rf"^\| {re.escape(row)} \| (\d+ \w+) \|$", PAGE, re.MULTILINE)
    assert span(written) == value


def test_limits_are_the_codes() -> None:
    rows = re.findall(r"^\| ([a-z.]+) \| [^|]+ \| (\d+) \| (\d+ \w+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    written = {name: (int(tries), span(window), then) for name, tries, window, then in rows}
    of_signing_in = ("password.", "code", "confirm", "passkey")
    kept = {
        name: (
            limit.tries,
            limit.window,
            f"up to {int(limit.longest.total_seconds() // 60)} minutes" if limit.longest else "window",
        )
        for name, limit in LIMITS.items()
        if name.startswith(of_signing_in)
    }
    assert written == kept


@pytest.mark.parametrize(
    "sentence",
    [
        f"{rules.PASSWORD_LEAST} to {rules.PASSWORD_MOST} characters",
        f"{len(common_passwords()):,} common passwords",
        "Argon2id with 19 MiB, 2 passes, 1 lane",
        f"{SECRET_BYTES * 8} random bits, steps of {STEP_SECONDS} seconds",
        f"{RECOVERY_CODES} codes of {RECOVERY_BYTES * 8} random bits",
        f"lives {int(rules.CHALLENGE_LIVES.total_seconds() // 60)} minutes and is used up",
        f"within {SignInPolicy().grace_days} days of their first sign-in",
        f"remembers within {int(rules.KNOWN_FOR.total_seconds())} seconds",
    ],
)
def test_other_numbers_are_the_codes(sentence: str) -> None:
    assert sentence in FLAT

"""Codes of an app and recovery codes: what is computed, what fits when, what is drawn."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from retail.identity.totp import (
    looks_like_recovery_code,
    matching_step,
    new_recovery_codes,
    new_totp_secret,
    plain_recovery_code,
    qr_path,
    readable_secret,
    setup_address,
)
from tests.support.web import code_of

RFC_SECRET = b"12345678901234567890"
NOON = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    assert matching_step(RFC_SECRET, code, at) == second // 30


@pytest.mark.parametrize(
    ("seconds", "fits"), [(-60, False), (-31, False), (-30, True), (-11, True), (0, True), (30, False)]
)
def test_the_present_code_fits_and_the_one_before_and_no_other(seconds: int, fits: bool) -> None:
    at = NOON.replace(second=0)
    code = code_of(RFC_SECRET, at + timedelta(seconds=seconds))
    assert (matching_step(RFC_SECRET, code, at) is not None) is fits


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "12 34", "\x00" * 6]
)
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert matching_step(RFC_SECRET, typed, NOON) is None


def test_a_code_may_be_typed_with_a_blank() -> None:
    code = code_of(RFC_SECRET, NOON)
    assert matching_step(RFC_SECRET, f" {code[:3]} {code[3:]}", NOON) is not None


def test_secrets_and_codes_have_the_bits_they_promise() -> None:
    assert len(new_totp_secret()) == 20
    assert len({new_totp_secret() for _ in range(100)}) == 100
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", code) for code in codes)  # 16 * 5 bits
    assert all(looks_like_recovery_code(code) for code in codes)
    assert not looks_like_recovery_code("123 456")


def test_a_recovery_code_is_read_however_it_is_written() -> None:
    assert {plain_recovery_code(one) for one in ("ab01-23cd", "AB01 23CD", "abo1.23cd", "abol23cd")} == {b"ab0123cd"}


def test_the_qr_code_is_one_path_that_any_scanner_can_be_shown() -> None:
    text = setup_address(RFC_SECRET, "olga@corner.example")
    assert text.startswith("otpauth://totp/Countertop:olga%40corner.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    size, path = qr_path(text)
    assert re.fullmatch(r"(M\d+ \d+h\d+v1H\d+z)+", path)
    dark = {
        (x, y)
        for left, y, width in ((int(a), int(b), int(c)) for a, b, c in re.findall(r"M(\d+) (\d+)h(\d+)", path))
        for x in range(left, left + width)
    }
    assert min(x for x, _ in dark) == 4  # the quiet zone
    assert max(x for x, _ in dark) == size - 5
    finder = {(x, y) for x in range(7) for y in range(7) if {x, y} & {0, 6} or (2 <= x <= 4 and 2 <= y <= 4)}
    for left, top in ((4, 4), (size - 11, 4), (4, size - 11)):
        corner = {(x - left, y - top) for x, y in dark if left <= x < left + 7 and top <= y < top + 7}
        assert corner == finder
    assert readable_secret(RFC_SECRET).startswith("GEZD GNBV")

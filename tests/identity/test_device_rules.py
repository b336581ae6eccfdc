"""Codes, signatures, PINs, lock-out, first names and health of devices."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retail.identity import code128
from retail.identity import device_rules as rules
from retail.kit.ids import new_id
from tests.support.enrolled import Keys

VECTORS = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "pin_lockout.json").read_text())
CHOICES = json.loads((Path(__file__).resolve().parents[1] / "vectors" / "pin_choices.json").read_text())
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: case["why"])
def test_wrong_pins_ask_for_pauses_as_the_table_says(case: dict[str, object]) -> None:
    tries = rules.Tries(int(str(case["failures"])), datetime.fromisoformat(str(case["last_at"])))
    now = datetime.fromisoformat(str(case["now"]))
    assert (rules.standing(tries, now), rules.seconds_to_wait(tries, now)) == (case["standing"], case["wait"])


@pytest.mark.parametrize("case", CHOICES, ids=lambda case: case["pin"])
def test_a_pin_is_chosen_as_the_vectors_say(case: dict[str, str]) -> None:
    assert [case["problem"]] * bool(case["problem"]) == rules.pin_problems(case["pin"])


def test_nobody_who_never_tried_waits() -> None:
    assert (rules.standing(None, NOW), rules.seconds_to_wait(None, NOW)) == (0, 0)


def test_a_code_has_65_bits_and_is_read_however_it_is_typed() -> None:
    code = rules.new_code()
    assert len(code) == 13
    assert set(code) <= set(rules.ALPHABET)
    assert rules.plain_code(rules.shown_code(code).lower()) == code
    assert rules.plain_code("o1il-0") == "01110"
    assert len({rules.new_code() for _ in range(1000)}) == 1000


def test_a_signature_fits_its_key_and_text_and_nothing_else() -> None:
    keys, other = Keys(), Keys()
    point = rules.read_base64(keys.public)
    signed = rules.record_message("ab" * 32)
    signature = keys.sign(signed)
    assert rules.is_public_key(point)
    assert rules.signature_fits(point, signed, signature)
    assert not rules.signature_fits(point, rules.record_message("ac" * 32), signature)
    assert not rules.signature_fits(point, signed, other.sign(signed))
    assert not rules.signature_fits(point, signed, "")
    assert not rules.signature_fits(point, signed, "A" * 86)
    assert not rules.signature_fits(point, signed, "!" * 86)


def test_a_point_that_is_not_on_the_curve_is_no_key() -> None:
    assert not rules.is_public_key(b"\x04" + b"\x01" * 64)
    assert not rules.is_public_key(b"")
    assert rules.read_base64("ä") == b""


def test_purposes_keep_signatures_apart() -> None:
    assert rules.message("session", "a") != rules.message("farewell", "a")
    assert not rules.message("session", "a").startswith(b"CTJS1")


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "١٢٣٤", "0000", "1234", "4321", "8901", "2109", "2580"])
def test_a_pin_that_is_short_long_or_tried_first_is_refused(pin: str) -> None:
    assert rules.pin_problems(pin) != []


@pytest.mark.parametrize("pin", ["1357", "1470", "00000001", "7391"])
def test_other_pins_are_fine(pin: str) -> None:
    assert rules.pin_problems(pin) == []


def test_one_time_pins_are_good_pins() -> None:
    pins = {rules.new_pin() for _ in range(200)}
    assert all(len(pin) == 6 and rules.pin_problems(pin) == [] for pin in pins)
    assert len(pins) > 190


def test_first_names_of_two_get_a_number() -> None:
    ids = [new_id() for _ in range(4)]
    named = rules.first_names(list(zip(ids, ["Anna Kern", "Ben", "Anna Lang", ""], strict=True)))
    assert list(named.values()) == ["Anna", "Ben", "Anna 2", "?"]


def test_health_keeps_what_is_of_the_right_kind() -> None:
    told = {
        "at": (NOW + timedelta(seconds=130)).isoformat(), "version": "abc", "browser": 7, "persisted": "yes",
        "waiting": 3, "waiting_minor": 1250.0, "usage": True, "quota": 10**30, "other": "x", "scan_suffix": "Enter\0",
    }  # fmt: skip
    kept = rules.read_health(told, NOW)
    assert kept == {"version": "abc", "waiting": 3, "waiting_minor": 1250, "scan_suffix": "Enter", "skew": 130}


def test_what_is_wrong_with_a_device_is_said() -> None:
    old = (NOW - timedelta(minutes=16)).isoformat()
    bad = {"skew": -121, "persisted": False, "waiting": 1, "oldest_at": old, "version": "1"}
    good = {"skew": 120, "persisted": True, "waiting": 0, "oldest_at": old, "version": "2"}
    assert [code for code, _said in rules.warnings(bad, NOW, "2")] == ["clock", "storage", "queue", "version"]
    assert rules.warnings(good, NOW, "2") == []
    assert rules.warnings({}, NOW, "2") == []


def test_the_barcode_of_a_badge_is_code_128() -> None:
    # the well-known example has 54 with start A, so 55 with start B
    assert code128.symbols("PJJ123C") == [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]
    assert code128.picture(rules.new_badge()).startswith("data:image/svg+xml,")
    with pytest.raises(ValueError, match="ASCII"):
        code128.symbols("ä")


def test_the_number_of_an_article_is_no_pin() -> None:
    assert rules.pin_problems("96385074") == [
        "This PIN is the number of an article, as a scanner reads it. Change its last digit."
    ]
    assert rules.pin_problems("96385075") == []

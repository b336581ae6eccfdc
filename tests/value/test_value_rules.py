"""The code of a gift card: made right, read however it is typed, never a payment card's."""

from __future__ import annotations

import pytest

from retail.kit.cards import holds_card
from retail.value.rules import check_digit, new_code, read_code, shown_code


def test_a_code_is_read_however_it_is_typed_and_is_no_payment_card() -> None:
    codes = {new_code() for _ in range(2_000)}
    assert len(codes) == 2_000
    for code in codes:
        assert read_code(f" {shown_code(code)} ") == read_code(shown_code(code).replace(" ", "-")) == code
        assert not holds_card(code)


@pytest.mark.parametrize(
    "text", ["", "9" * 15, "9" * 17, "4111111111111111", "9000000000000000x", "\uff19" * 16, "9000000000000002"]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


def test_any_single_digit_typed_wrong_is_noticed() -> None:
    code = new_code()
    for place, digit in enumerate(code):
        for other in "0123456789":
            if other != digit:
                assert read_code(code[:place] + other + code[place + 1 :]) is None


def test_the_check_digit_is_that_of_the_standard() -> None:
    assert check_digit("7992739871") == "3"

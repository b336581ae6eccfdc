"""How a phone number is kept and looked for, and what a customer may not be."""

from __future__ import annotations

import pytest

from retail.customers.rules import Customer, dialled, phone_digits, problems, tidied


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("0171 234 5678", "DE", "491712345678"),
        ("+49 (171) 2345678", "FR", "491712345678"),
        ("0049 171 2345678", "DE", "491712345678"),
        ("06 1234 5678", "NL", "31612345678"),
        ("06 698 12345", "IT", "390669812345"),
        ("(202) 555-0143", "US", "12025550143"),
        ("", "DE", ""),
        ("call me", "DE", None),
        ("12", "DE", None),
    ],
)
def test_a_number_is_kept_with_its_countrys_prefix(typed: str, country: str, kept: str | None) -> None:
    assert phone_digits(typed, country) == kept


@pytest.mark.parametrize("typed", ["0171 234", "171 2345678", "2345678", "+49 171 234", "0049 171", "0171 2345678"])
def test_part_of_a_number_finds_what_is_kept(typed: str) -> None:
    assert any(one in "491712345678" for one in dialled(typed, "DE"))


@pytest.mark.parametrize("typed", ["07", "Anna 2", "2a345", ""])
def test_what_is_no_number_is_searched_as_words(typed: str) -> None:
    assert dialled(typed, "DE") == ()


def test_texts_are_tidied_and_an_address_is_in_small_letters() -> None:
    made = tidied(Customer("  Anna   Berg ", email=" Anna@Example.COM ", member_card=" 2042 0001 ", group=" "))
    assert (made.name, made.email, made.member_card, made.group) == ("Anna Berg", "anna@example.com", "20420001", None)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "anna"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"member_card": "12"}, "member_card"),
        ({"member_card": "4111111111111111"}, "member_card"),
        ({"note": "pays with 4111 1111 1111 1111"}, "note"),
        ({"credit_limit_minor": -1}, "credit_limit"),
        ({"group": "x" * 41}, "group"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(facts: dict[str, object], field: str) -> None:
    assert list(problems(Customer(**{"name": "Anna"} | facts), "DE")) == [field]  # type: ignore[arg-type]

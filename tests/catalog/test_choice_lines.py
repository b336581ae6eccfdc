"""How the lines of a choice are read: prices beyond doubt, and nothing of a name taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.catalog.products.modifier_lines import Unclear, Writing
from retail.kit.money import currency

ENGLISH, GERMAN = Writing(currency("EUR"), "en"), Writing(currency("EUR"), "de")
YEN, DINAR, FRANC = Writing(currency("JPY"), "ja"), Writing(currency("KWD"), "en"), Writing(currency("CHF"), "de_CH")

READ: list[tuple[Writing, str, str, int]] = [
    (ENGLISH, "Oat +0,50 €", "Oat", 50),
    (ENGLISH, "Oat +0.50€", "Oat", 50),
    (ENGLISH, "Oat +€0.50", "Oat", 50),
    (ENGLISH, "Oat + EUR 0.50", "Oat", 50),
    (ENGLISH, "Oat 0.50 eur", "Oat", 50),
    (ENGLISH, "Oat 0.50", "Oat", 50),
    (ENGLISH, "Oat +1", "Oat", 100),
    (ENGLISH, "Oat 1 €", "Oat", 100),
    (ENGLISH, "Truffle +1,500.00", "Truffle", 150000),
    (ENGLISH, "Own cup \u22120.20 €", "Own cup", -20),
    (ENGLISH, "Cup 0.3: 0", "Cup 0.3", 0),
    (ENGLISH, "Cup 0.3: +0.50", "Cup 0.3", 50),
    (ENGLISH, "Cup 0.3 +0.50", "Cup 0.3", 50),
    (ENGLISH, "Cup 0.3 l", "Cup 0.3 l", 0),
    (ENGLISH, "7 Up", "7 Up", 0),
    (ENGLISH, "Sauce: hot", "Sauce: hot", 0),
    (ENGLISH, "None", "None", 0),
    (GERMAN, "Hafer +0,50 €", "Hafer", 50),
    (GERMAN, "Hafer 0.50", "Hafer", 50),
    (YEN, "\u30aa\u30fc\u30c4 +1,000", "\u30aa\u30fc\u30c4", 1000),
    (DINAR, "Oat +0.500", "Oat", 500),
    (FRANC, "Hafer CHF 0.50", "Hafer", 50),
]
UNCLEAR: list[tuple[Writing, str, str]] = [
    (ENGLISH, "Mayo 0.3", "Is it part of the name? Write Mayo 0.3: 0."),
    (ENGLISH, "Mayo 0.3", "is 0.3 a price? Write Mayo +0.30."),
    (GERMAN, "Mayo 0,3", "Write Mayo +0,30."),
    (ENGLISH, "Size 42", "Write Size 42: 0."),
    (ENGLISH, "Mayo +0.3", "write a price like +0.50"),
    (GERMAN, "Mayo +0,3", "write a price like +0,50"),
    (ENGLISH, "Mayo: 0.3", "Cup 0.3: 0"),
    (ENGLISH, "Oat +0.50 $", "write a price like +0.50"),
    (ENGLISH, "Oat 0.50 USD", "write a price like +0.50"),
    (ENGLISH, "Oat +0.505", "write a price like +0.50"),
    (ENGLISH, "Oat +1,500", "write a price like +0.50"),
    (GERMAN, "Oat +1.500", "write a price like +0,50"),
    (DINAR, "Oat +1,500", "write a price like +0.500"),
    (YEN, "Oat 30", "Write Oat 30: 0."),
    (YEN, "Oat +0.5", "write a price like +50"),
]


@pytest.mark.parametrize(("writing", "line", "name", "minor"), READ)
def test_a_line_is_read(writing: Writing, line: str, name: str, minor: int) -> None:
    assert writing.read(line) == (name, minor)


@pytest.mark.parametrize(("writing", "line", "sentence"), UNCLEAR)
def test_a_line_that_may_mean_two_things_is_refused_and_both_are_shown(
    writing: Writing, line: str, sentence: str
) -> None:
    with pytest.raises(Unclear) as refused:
        writing.read(line)
    assert sentence in str(refused.value)


@given(
    st.sampled_from([ENGLISH, GERMAN, YEN, DINAR, FRANC]),
    st.text("aZ09 .:+-€$,", min_size=1, max_size=20).map(lambda text: " ".join(text.split())).filter(bool),
    st.integers(-(10**7), 10**7),
)
def test_what_is_written_is_read_back_the_same(writing: Writing, name: str, minor: int) -> None:
    assert writing.read(writing.line(name, minor)) == (name, minor)

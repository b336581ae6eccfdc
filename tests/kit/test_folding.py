"""What is typed and what is stored meet, whatever marks stand on the letters; one slip is one slip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.kit.folding import folded, one_slip_apart
from tests.support.world import Shop

WORDS = st.text("abcde", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "plain"), [("CAFÉ", "cafe"), ("Straße", "strasse"), ("Żółw", "zołw"), ("Ångström ²", "angstrom 2")]
)
def test_letters_lose_their_marks(text: str, plain: str) -> None:
    assert folded(text) == plain
    assert folded(plain) == plain


@pytest.mark.parametrize("text", ["Café Straße", "İstanbul", "ÀÉÎÕÜ ñ ç", "ﬁne™", "Ελλάδα", "milk"])
async def test_the_database_folds_in_the_same_way(shop: Shop, text: str) -> None:
    async with shop.db.read(shop.scope) as read:
        stored = await read.fetchval("SELECT search_form($1, 'A-1', ARRAY['Öko', 'new'])", text)
    assert stored == folded(f"{text} A-1 Öko new")


@given(WORDS, WORDS)
def test_one_slip_is_seen_from_both_sides(one: str, other: str) -> None:
    assert one_slip_apart(one, other) == one_slip_apart(other, one)
    assert one_slip_apart(one, other) == (other in slips(one) and one != other)


def slips(word: str) -> set[str]:
    """Make every word that one slip makes of this one."""
    letters, places = "abcde", range(len(word) + 1)
    splits = [(word[:at], word[at:]) for at in places]
    return (
        {a + b[1:] for a, b in splits if b}
        | {a + c + b for a, b in splits for c in letters}
        | {a + c + b[1:] for a, b in splits if b for c in letters}
        | {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    )

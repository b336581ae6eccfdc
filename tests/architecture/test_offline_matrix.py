"""What works without a network is written once, in docs/offline.md, and the till shows just that."""

from __future__ import annotations

import pytest

from scripts.write_offline import HOW, MODULE, PAGE, Row, module, read


def test_the_tills_module_is_made_of_the_page_as_it_is_now() -> None:
    assert MODULE.read_text() == module(read(PAGE.read_text())), "run: python -m scripts.write_offline"


def test_no_row_of_the_page_is_left_out_and_each_says_how_far_it_works() -> None:
    text = PAGE.read_text()
    drawn = [line for line in text.splitlines() if line.startswith("|") and not set(line) <= set("|-: ")]
    heads = [line for line in drawn if line.split("|")[1].strip().lower() in {"what", "feature"}]
    rows = [row for part in read(text) for row in part.rows]
    assert len(rows) == len(drawn) - len(heads) > 25
    assert {row.how for row in rows} == set(HOW)
    assert all(row.limit for row in rows if row.how == HOW[1]), "a limit says which"
    assert len({row.what for row in rows}) == len(rows)


@pytest.mark.parametrize(("what", "needs"), [
    ("Scanning with the camera", "where the browser reads codes by itself, or the camera was opened"),
    ("Price check", "what other stores have needs the server"),
])  # fmt: skip
def test_the_tools_of_the_floor_are_in_it(what: str, needs: str) -> None:
    [row] = [row for part in read(PAGE.read_text()) for row in part.rows if row.what == what]
    assert (row.how, needs in row.limit) == ("works with a limit", True)
    assert f'[t("{what}"), 1, t("{row.limit}")]' in MODULE.read_text(), "the till shows it"


@pytest.mark.parametrize(("line", "row"), [
    ("| X | works | |", Row("X", "works")),
    ("| X | works |", Row("X", "works")),
    ("| X | Works with a limit | so many |", Row("X", "works with a limit", "so many")),
    ("| X | works; compared later |", Row("X", "works with a limit", "compared later")),
    ("| X | works with a limit: no `lots` |", Row("X", "works with a limit", "no lots")),
    ("| X | blocked | |", Row("X", "needs the server")),
    ("| X | needs the server | |", Row("X", "needs the server")),
    ("| X | by the setting | or not |", Row("X", "works with a limit", "by the setting; or not")),
])  # fmt: skip
def test_a_row_is_read_however_it_is_drawn(line: str, row: Row) -> None:
    (part,) = read(f"# Title\n\n## Part (`docs/x.md`)\n\n| What | Without a network | Limit |\n|---|:--|--|\n{line}\n")
    assert (part.name, part.rows) == ("Part", (row,))

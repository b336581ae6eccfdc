"""A sentence about a field that the form lacks stands at the top of the form, and nothing is said twice."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from retail.runtime.web.assets import Assets
from retail.runtime.web.pages import environment, to_html

FORM = (
    '{% from "shared/macros.html" import form_errors, field with context %}<main id="main">'
    '<form>{{ form_errors(errors) }}{{ field("Name", "name", "", errors) }}</form></main>'
)
BARE = (
    '{% from "shared/macros.html" import field with context %}<main id="main">'
    '{{ field("Name", "name", "", errors) }}</main>'
)
LIST = '<main id="main">No rows</main>'


@pytest.fixture(autouse=True)
def _pages(monkeypatch: pytest.MonkeyPatch) -> None:
    made = environment()
    pages = DictLoader({"form.html": FORM, "bare.html": BARE, "list.html": LIST})
    monkeypatch.setattr(made, "loader", ChoiceLoader([pages, made.loader]))  # type: ignore[list-item]


def page(template: str, errors: dict[str, list[str]], **context: Any) -> str:
    return to_html(template, assets=Assets(), errors=errors, **context)


def summary(html: str) -> str:
    """Give what stands between the beginning of the form and its first field."""
    return html[html.index("<main") : html.index('class="field')]


@pytest.mark.parametrize("template", ["form.html", "bare.html"])
def test_what_is_filed_under_a_field_that_the_form_lacks_stands_at_its_top(template: str) -> None:
    html = page(template, {"name": ["Fill this in."], "supplier": ["Nobody's there & <no>."]})
    assert "Nobody&#39;s there &amp; &lt;no&gt;." in summary(html)
    assert "data-wrong" in summary(html)
    assert html.count("Fill this in.") == 1
    assert "Fill this in." not in summary(html)


def test_a_form_that_shows_everything_has_nothing_more_at_its_top() -> None:
    html = page("form.html", {"name": ["Fill this in."], "": ["Two things need another look."]})
    assert (html.count("Fill this in."), html.count("Two things need another look.")) == (1, 1)
    assert html.count("data-wrong") == 1
    assert "<!--" not in html


def test_the_same_sentence_under_two_fields_of_which_the_form_has_one_is_said_twice() -> None:
    html = page("form.html", {"name": ["Fill this in."], "supplier": ["Fill this in."]})
    assert html.count("Fill this in.") == 2
    assert "Fill this in." in summary(html)


def test_a_form_without_errors_has_no_mark() -> None:
    assert "<!--" not in page("form.html", {})


def test_a_list_that_has_no_such_filter_says_what_is_wrong_with_it() -> None:
    asked = SimpleNamespace(errors={"store": ["Pick one of the choices."]})
    assert "Pick one of the choices." in page("list.html", {}, asked=asked)


def test_no_page_is_rendered_past_the_one_place_that_looks_for_them() -> None:
    code = Path(__file__).parents[3] / "retail"
    found = {str(one.relative_to(code)) for one in code.rglob("*.py") if "get_template(" in one.read_text()}
    assert found == {"runtime/web/pages.py", "runtime/mail/compose.py"}

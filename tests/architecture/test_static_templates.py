"""Templates keep the rules that the content security policy and htmx ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
APART = {"emails", "documents", "receipts"}  # mail clients and printers have rules of their own
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] not in APART)

FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "a style element": r"<style\b",
    "an inline handler": r"""\son[a-z]+\s*=\s*["']""",
    "a script without src": r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)",
    "hx-on, which needs eval": r"\bhx-on\b",
    "js: in a value, which needs eval": r"""=["']\s*js:""",
    "a filter in hx-trigger, which needs eval": r"""hx-trigger="[^"]*\[""",
    "a link that runs code": r"javascript:",
    "thousands in a field's value, which is read again": r"""value="\{\{[^"]*\b(quantity|money)\(""",
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_template_says_what_it_needs_and_runs_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert re.match(r"\{#-?\s*Needs\b", text), "the first line says what the template needs"
    markup = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    assert {name for name, pattern in FORBIDDEN.items() if re.search(pattern, markup)} == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_every_form_works_without_script(path: Path) -> None:
    for form in re.findall(r"<form\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\}|\{)*>", path.read_text()):
        assert re.search(r'method="(post|get|dialog)"', form), form
        assert 'method="dialog"' in form or "action=" in form, form


# A control of such a name hides the form's own property from what swaps and merges pages: the form freezes.
HIDING = {
    "attributes", "children", "childNodes", "firstChild", "lastChild", "nextSibling", "parentNode", "parentElement",
    "nodeName", "nodeType", "tagName", "classList", "dataset", "style", "innerHTML", "textContent", "matches",
    "closest", "remove", "append", "submit", "reset", "elements", "length",
}  # fmt: skip
_CONTROL = r"""(?:\bname="|\b(?:field|select|textarea|checkbox)\(_\("(?:[^"\\]|\\.)*"[^"]*?\),\s*")(\w+)\""""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_no_control_hides_what_its_form_is_made_of(path: Path) -> None:
    assert set(re.findall(_CONTROL, path.read_text())) & HIDING == set()


def test_a_hiding_control_is_found() -> None:
    for planted in ('<input name="children">', '{{ textarea(_("Attributes"), "attributes", "") }}'):
        assert set(re.findall(_CONTROL, planted)) & HIDING


_MORE = r"(?:[^>{]|\{\{.*?\}\}|\{%.*?%\}|\{)*"
_ASKING = rf"<\w+\b{_MORE}\bhx-get={_MORE}>"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_of_answers_to_typing_the_last_one_counts(path: Path) -> None:
    """An older answer that comes late must not overwrite what was asked for after it."""
    for tag in re.findall(_ASKING, path.read_text()):
        trigger = re.search(r'hx-trigger="([^"]*)"', tag)
        if trigger and re.search(r"(?:^|, ?)(?:input|change|keyup|search)\b", trigger[1]):
            assert 'hx-sync="this:replace"' in tag, tag


def test_every_way_out_of_a_browser_is_the_one_that_is_refused_with_unsent_money() -> None:
    ways = [path.name for path in PAGES if re.search(r"""action=["']/sign-out""", path.read_text())]
    assert ways == ["sign_out.html"]
    assert "data-sign-out-one" in (TEMPLATES / "shared/sign_out.html").read_text()

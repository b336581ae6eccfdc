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

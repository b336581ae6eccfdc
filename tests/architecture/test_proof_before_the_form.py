"""A form that needs a fresh proof of who one is asks for it before it is filled: nothing that is typed is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from retail.routes import SITE, TENANT
from retail.runtime.web.assets import ROOT
from retail.runtime.web.routing import GuardedRoute

TEMPLATES: Final = Path(ROOT / "templates")
_FORM: Final = re.compile(r"<form\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>.*?</form>", re.DOTALL)
_ACTION: Final = re.compile(r"""(?:form)?action="\{\{ url\((.+?)\) \}\}\"""")
_PLATFORM: Final = re.compile(r"""(?:form)?action="(/[^"]*)\"""")
_TYPED: Final = re.compile(
    r"\b(?:field|select|textarea|text_area|check|choices)\(|<(?:select|textarea)\b|<input\b(?![^>]*hidden)"
)
_INCLUDED: Final = re.compile(r"""\{% (?:include|from) "([^"]+)\"""")
_PROVE: Final = "shared/_prove.html"
_ONE_CHOICE: Final = {"identity/people/index.html"}
"""A list in which a row has one choice: nothing is typed, and a question above every list would be in the way."""


def written() -> dict[str, str]:
    """Give every template by its name."""
    return {str(file.relative_to(TEMPLATES)): file.read_text() for file in TEMPLATES.rglob("*.html")}


def address(expression: str) -> str:
    """Give the address that an expression of a template makes, each part that is worked out as one letter x."""
    parts = [one.strip() for one in expression.split("~")]
    return "".join(one[1:-1] if one[0] in "'\"" else "x" for one in parts).split("?")[0]


def asks(path: str) -> bool:
    """Say whether a form that is sent to this address has to be proved."""
    for route in (*TENANT, *SITE):
        if isinstance(route, GuardedRoute) and "POST" in (route.methods or ()) and route.must_confirm:
            pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(route.path))
            if re.fullmatch(pattern, path):
                return True
    return False


def typed_forms(text: str) -> list[str]:
    """Give the addresses to which forms of this template send what somebody typed, where that asks for a proof."""
    found = []
    for form in _FORM.findall(text):
        if not _TYPED.search(form):
            continue
        plain = [re.sub(r"\{\{.*?\}\}", "x", one) for one in _PLATFORM.findall(form)]
        found += [path for path in (*map(address, _ACTION.findall(form)), *plain) if asks(path)]
    return found


def with_proof(name: str, templates: dict[str, str]) -> bool:
    """Say whether a template, or every page that it is a part of, asks for the proof."""
    if _PROVE in _INCLUDED.findall(templates[name]):
        return True
    users = [one for one, text in templates.items() if name in _INCLUDED.findall(text)]
    return bool(users) and all(with_proof(one, templates) for one in users)


def test_every_typed_form_that_asks_for_a_proof_stands_below_the_question() -> None:
    templates = written()
    forms = {name: found for name, text in templates.items() if (found := typed_forms(text))}
    assert {"/roles", "/tokens", "/security/networks", "/people/x/grants", "/devices/codes"} <= {
        path for found in forms.values() for path in found
    }
    missing = {name: found for name, found in forms.items() if not with_proof(name, templates)}
    assert missing.keys() >= _ONE_CHOICE, "an exception that isn't needed"
    for name in _ONE_CHOICE:
        del missing[name]
    assert missing == {}

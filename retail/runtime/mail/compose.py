"""Mails from templates: templates/emails/<kind>.txt, its first line the subject, and <kind>.html if there is one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from uuid import UUID

from jinja2 import Environment

from retail.kit.text import use_language
from retail.runtime.mail.mail import Mail, Verbatim, one_line, tame
from retail.runtime.tenancy import TenantFacts
from retail.runtime.web.pages import environment

_GAP: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
"""What a template leaves out leaves its blank lines."""


@lru_cache
def _plain_text() -> Environment:
    """Give the environment for text, where an ampersand stays one."""
    return environment().overlay(autoescape=False)


def compose(
    kind: str,
    to: str,
    *,
    tenant: TenantFacts | None = None,
    link: str = "",
    essential: bool = False,
    **facts: object,
) -> Mail:
    """Write a mail of a kind in the tenant's language. Texts among the facts are tamed: people's names make no links.

    What is Verbatim stays as it is, on one line.

    `link` is the one address in it; it is our own, and kept as the mail's secret. Raises BadAddress.
    """
    words = {name: _tamed(value) if isinstance(value, str) else value for name, value in facts.items()}
    locale = tenant.locale if tenant else "en"
    words |= {"link": link, "business": tame(tenant.name) if tenant else "Countertop", "lang": locale.replace("_", "-")}
    with use_language(locale):
        written = _plain_text().get_template(f"emails/{kind}.txt").render(words).lstrip()
        subject, _, text = _GAP.sub("\n\n", written).partition("\n")
        html = environment().get_template(f"emails/{kind}.html").render(words | {"text": _paragraphs(text)})
    id: UUID | None = tenant.id if tenant else None
    sender = tenant.name if tenant else ""
    return Mail(to, subject, text.strip() + "\n", html, id, kind, sender, secret=link, essential=essential)


def _tamed(text: str) -> str:
    return one_line(text) if isinstance(text, Verbatim) else tame(text)


def _paragraphs(text: str) -> list[str]:
    """Give the paragraphs of the text; an html template shows the one that is the link as a button, in its place."""
    return [part for part in (" ".join(part.split()) for part in text.strip().split("\n\n")) if part]

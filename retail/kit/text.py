"""Words for people: every sentence the product says passes through here, so that it can be translated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, translation
from pathlib import Path

from babel import Locale

LOCALES = Path(__file__).resolve().parent.parent / "locales"
DOMAIN = "countertop"

_ENGLISH = NullTranslations()
_current: ContextVar[NullTranslations] = ContextVar("translations", default=_ENGLISH)


@lru_cache
def _catalogue(language: str) -> NullTranslations | GNUTranslations:
    return translation(DOMAIN, LOCALES, languages=[language], fallback=True)


def _(message: str) -> str:
    """Say a sentence in the language of the present request."""
    return _current.get().gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Say a sentence about a number of things, in the form that the number asks for."""
    return _current.get().ngettext(singular, plural, count)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak a language inside the block: a BCP 47 tag such as `de` or `pt-BR`; unknown ones fall back to English."""
    token = _current.set(_catalogue(language.replace("-", "_")))
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache
def languages() -> dict[str, str]:
    """Give the languages that the product speaks, each by its own name: English, and those that are translated."""
    spoken = ["en", *sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]
    return {code.replace("_", "-"): (Locale.parse(code).display_name or code).capitalize() for code in spoken}

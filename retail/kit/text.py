"""Words for people: every sentence the product says passes through here, so that it can be translated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations, translation
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

LOCALES = Path(__file__).resolve().parent.parent / "locales"
DOMAIN = "countertop"

_ENGLISH = NullTranslations()
_WORLDWIDE = "en_GB"
"""English of a place that has no English of its own: day before month, a clock of 24 hours."""
_current: ContextVar[NullTranslations] = ContextVar("translations", default=_ENGLISH)
_spoken: ContextVar[str] = ContextVar("spoken", default="en")


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
    tag = language.replace("-", "_")
    catalogue = _catalogue(tag)
    words, spoken = _current.set(catalogue), _spoken.set(tag if isinstance(catalogue, GNUTranslations) else "en")
    try:
        yield
    finally:
        _spoken.reset(spoken)
        _current.reset(words)


def dates_of(place: str) -> Locale:
    """Find how to write days and times for a place (`de-DE`): its own way, in words of the language that is spoken.

    While German isn't, Germany's dates are those of English in Germany: 20/11/2026 and "Friday, 20 November". Amounts
    and quantities have no words and stay the place's own. Raises UnknownLocaleError.
    """
    return _dates_of(place.replace("-", "_"), _spoken.get())


@lru_cache(maxsize=256)
def _dates_of(place: str, spoken: str) -> Locale:
    own, language = Locale.parse(place), Locale.parse(spoken).language
    if own.language == language:
        return own
    likely = str(get_global("likely_subtags").get(own.language, ""))
    region = own.territory or likely.rpartition("_")[2]
    try:
        return Locale.parse(f"{language}_{region}")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_WORLDWIDE if language == "en" else language)


def country_words(code: str) -> str:
    """Name a country in the language that is spoken; a code that nobody knows stays as it is."""
    return str(Locale.parse(_spoken.get()).territories.get(code, code))


def countries() -> list[tuple[str, str]]:
    """Give all countries with their names in the language that is spoken, by name."""
    named = Locale.parse(_spoken.get()).territories
    found = [(code, name) for code, name in named.items() if len(code) == 2 and code.isalpha() and code not in _NONE]
    return sorted(found, key=lambda one: one[1])


_NONE: Final = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""Codes that name no country."""


@lru_cache
def languages() -> dict[str, str]:
    """Give the languages that the product speaks, each by its own name: English, and those that are translated."""
    spoken = ["en", *sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]
    return {code.replace("_", "-"): (Locale.parse(code).display_name or code).capitalize() for code in spoken}

"""Rules of customer displays on other devices: their codes, and what of a till's words a display is shown. Pure."""

from __future__ import annotations

import json
import re
import secrets
from datetime import timedelta
from typing import Any, Final

from retail.identity.device_rules import ALPHABET

CODE_LIVES: Final = timedelta(minutes=5)
CODE_LENGTH: Final = 8  # 40 bits, for five minutes, behind a limit of guesses
MOST_DISPLAYS: Final = 4
"""So many displays a till may have."""

MOST_SHOWN: Final = 60 * 1024
"""Bytes of a till's word; it says more only where something is wrong with it."""
_LINES, _NOTES, _TEXT, _LOGO, _LINK = 60, 12, 200, 48 * 1024, 500
_SCREENS: Final = frozenset({"idle", "cart", "pay", "paid"})
_THEMES: Final = frozenset({"", "light", "dark"})
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_PICTURE: Final = re.compile(r"data:image/webp;base64,[A-Za-z0-9+/=]*")
_ADDRESS: Final = re.compile(r"https?://[\x21-\x7e]+")


def new_code() -> str:
    """Make a pairing code of 40 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def shown_code(code: str) -> str:
    """Write a code in two groups, for people."""
    return f"{code[:4]}-{code[4:]}"


def read_shown(told: object) -> dict[str, Any] | None:
    """Keep of a till's word what a display shows, and nothing else; None for what is no such word.

    A stranger may have written it: each field has its kind and its length, and an unknown one goes no further.
    """
    if not isinstance(told, dict) or told.get("screen") not in _SCREENS:
        return None
    texts = {name: _text(told.get(name)) for name in ("business", "saved", "total", "open", "change")}
    language, theme = told.get("lang"), told.get("theme")
    return {
        "screen": told["screen"],
        **texts,
        "lang": language if isinstance(language, str) and _LANGUAGE.fullmatch(language) else "en",
        "theme": theme if theme in _THEMES else "",
        "logo": _matching(_PICTURE, told.get("logo"), _LOGO) if told["screen"] == "idle" else "",
        "link": _matching(_ADDRESS, told.get("link"), _LINK) if told["screen"] == "paid" else "",
        "lines": [_line(one) for one in _list(told.get("lines"), _LINES)],
        "paid": [_amount(one) for one in _list(told.get("paid"), _NOTES)],
    }


def parse_word(text: str) -> dict[str, Any]:
    """Read what a till says on its socket; {} for what is no JSON object."""
    try:
        said = json.loads(text) if len(text) <= MOST_SHOWN else None
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _line(told: dict[str, Any]) -> dict[str, Any]:
    more = told.get("more")
    return {
        **{name: _text(told.get(name)) for name in ("name", "many", "amount")},
        "more": [_text(one) for one in more[:_NOTES]] if isinstance(more, list) else [],
        "off": [_amount(one) for one in _list(told.get("off"), _NOTES)],
    }


def _amount(told: dict[str, Any]) -> dict[str, str]:
    return {"name": _text(told.get("name")), "amount": _text(told.get("amount"))}


def _list(told: object, most: int) -> list[dict[str, Any]]:
    """Give the last objects of a list: a display shows its end."""
    return [one for one in told[-most:] if isinstance(one, dict)] if isinstance(told, list) else []


def _text(told: object) -> str:
    return told.replace("\0", "")[:_TEXT] if isinstance(told, str) else ""


def _matching(pattern: re.Pattern[str], told: object, most: int) -> str:
    return told if isinstance(told, str) and len(told) <= most and pattern.fullmatch(told) else ""

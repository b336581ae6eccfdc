"""Rules of people and secrets: what a password must be, when a session ends.

The numbers of signing in stand here and in runtime/web/limits.py; docs/security/sign-in.md repeats them, and a test
compares the two.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from retail.identity.own_words import LOOKS_LIKE, ROWS, is_of_own_words
from retail.identity.words import common_passwords
from retail.kit.text import _

SESSION_IDLE: Final = timedelta(minutes=30)
# A session that has opened a till rests as long as a working day: a quiet shop must not lose its till at noon.
TILL_IDLE: Final = timedelta(hours=12)
SESSION_ABSOLUTE: Final = timedelta(hours=12)
BETWEEN_FACTORS: Final = timedelta(minutes=10)  # from the password to the code
CHALLENGE_LIVES: Final = timedelta(minutes=5)  # a passkey's challenge, used once
BROWSER_KNOWN: Final = timedelta(days=400)  # the cookie by which a browser is known again
HISTORY_KEPT: Final = timedelta(days=365)
GRACE: Final = timedelta(days=7)  # to set up a second factor, from the first sign-in; a business may say otherwise
TOUCH_EVERY: Final = timedelta(minutes=5)
KNOWN_FOR: Final = timedelta(seconds=2)  # how long another process may believe in a session that was ended here

ACCESS_TOKEN: Final = timedelta(minutes=15)
REFRESH_TOKEN: Final = timedelta(days=30)
SCRIPT_TOKEN: Final = timedelta(days=365)
TOKEN_PREFIX: Final = "ct_"  # noqa: S105 - the mark by which scanners find leaked tokens

PASSWORD_LEAST: Final = 12
PASSWORD_MOST: Final = 128
_EMAIL: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\]+@[^\s@<>\"(),:;\[\]\\.]+(\.[^\s@<>\"(),:;\[\]\\.]+)*")


def new_secret() -> str:
    """Make a secret of 256 random bits, safe in cookies and addresses."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """Give what is stored of a secret: its SHA-256. A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def email_problems(email: str) -> list[str]:
    """Say what is wrong with an e-mail address, in sentences."""
    if _EMAIL.fullmatch(email) and 3 <= len(email) <= 254:
        return []
    return [_("Type an e-mail address like name@shop.example.")]


def password_problems(password: str, about: Sequence[str] = ()) -> list[str]:
    """Say what is wrong with a new password; it must be no common one, nor made of words `about` its person.

    These are the person's name and address, and the name and short name of each business that it opens.

    Length counts, kinds of characters don't (NIST SP 800-63B, 3.1.1).
    """
    if len(password) < PASSWORD_LEAST:
        return [
            _("Use at least %(least)d characters; a short sentence is easy to remember.") % {"least": PASSWORD_LEAST}
        ]
    if len(password) > PASSWORD_MOST:
        return [_("Use at most %(most)d characters.") % {"most": PASSWORD_MOST}]
    plain = unicodedata.normalize("NFKC", password).casefold()
    if _is_guessable(plain):
        return [_("This password is too easy to guess. Use a few words that have nothing to do with you.")]
    if is_of_own_words(plain, (*about, "countertop"), common_passwords()):
        return [
            _(
                "This is little more than words of one's own name, address or business. "
                "Use a few words that have nothing to do with you."
            )
        ]
    return []


def _is_guessable(plain: str) -> bool:
    """Claim that a password is a common one with trimmings, a pattern, or hardly a letter."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    forms = {plain, core, core.translate(LOOKS_LIKE)}
    few = sum(map(str.isalnum, plain)) < PASSWORD_LEAST // 2
    return bool(forms & common_passwords()) or _is_pattern(plain) or few


def _is_pattern(plain: str) -> bool:
    """Claim that it is one short thing over and over, a common word twice, or a row of the keyboard or the alphabet."""
    period = (plain + plain).find(plain, 1)
    if period < len(plain) and (period < PASSWORD_LEAST // 2 or plain[:period] in common_passwords()):
        return True
    return len(set(plain)) < 4 or any(plain in row or plain[::-1] in row for row in ROWS)


def own_path(path: str, default: str = "/") -> str:
    """Give a way back after signing in: `path` if it leads to a page of this site, else `default`."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-in", "/sign-out", "/confirm"))
    return path if inside and path.isprintable() and "\\" not in path else default

"""Rules of devices and cashiers: codes, signatures, PINs and their lock-out, first names, health. Pure.

The words and the reasons are in docs/security/devices.md; kiosk/till/lockout.js is the twin of `pause_after`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from retail.identity import permissions as p
from retail.kit.barcode import gtin_is_valid
from retail.kit.text import _

CODE_LIVES: Final = timedelta(minutes=10)
CHALLENGE_LIVES: Final = timedelta(minutes=2)
SESSION_LIVES: Final = timedelta(days=30)
ONE_TIME_PIN_LIVES: Final = timedelta(days=3)
LOCK_MINUTES: Final = 5
HEALTH_EVERY: Final = timedelta(seconds=60)

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_CODE_LENGTH: Final = 13  # 65 bits
_BADGE_LENGTH: Final = 16  # 80 bits
BADGE_MARK: Final = "CB"
SEPARATOR: Final = "\x1f"

PIN_LEAST, PIN_MOST = 4, 8
# Digits again, doubled digits, a year, the straight line of four keys: what people choose, and thieves try.
_PATTERN: Final = re.compile(r"(.+)\1+|(?:(.)\2)+|(?:19|20)..|2580|0852")
TRIES_A_DAY: Final = 20
_PAUSES: Final = {5: timedelta(seconds=30), 10: timedelta(minutes=2), 15: timedelta(minutes=10)}

DEVICE_RIGHTS: Final = frozenset({p.SELL, p.VIEW_CATALOGUE, p.VIEW_STOCK})
"""What a device may do while nobody stands at it: what the till's protocol needs."""
TILL_RIGHTS: Final = DEVICE_RIGHTS | {
    p.HOLD_SALE, p.DISCOUNT, p.OVERRIDE_PRICE, p.VOID_LINE, p.VOID_SALE, p.REFUND, p.OPEN_DRAWER, p.PAY_OUT,
    p.SELL_BEYOND, p.RUN_SHIFT, p.VIEW_SHIFTS, p.APPROVE, p.VIEW_SALES, p.VIEW_CUSTOMERS,
}  # fmt: skip
"""What a PIN can open at most, whatever else the person may do: a PIN is no way into the back office."""

SKEW_MOST: Final = timedelta(seconds=120)
QUEUE_MOST: Final = timedelta(minutes=15)
_TEXT_MOST: Final = 200


# -- codes


def new_code() -> str:
    """Make an enrolment code of 65 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_CODE_LENGTH))


def new_badge() -> str:
    """Make a badge's code of 80 random bits, as its barcode has it."""
    return BADGE_MARK + "".join(secrets.choice(ALPHABET) for _ in range(_BADGE_LENGTH))


def plain_code(typed: str) -> str:
    """Write a code as it was made: capitals, no separators, the letters that look like digits as digits."""
    kept = "".join(character for character in typed.upper() if character.isalnum())
    return kept.translate(str.maketrans("OIL", "011"))


def shown_code(code: str) -> str:
    """Write a code in groups, for people."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def code_hash(code: str) -> bytes:
    """Give what is stored of a code or a challenge."""
    return hashlib.sha256(code.encode()).digest()


# -- signatures


def message(purpose: str, *parts: str) -> bytes:
    """Give the bytes that a device signs: mark, purpose and parts, which hold no separator."""
    return SEPARATOR.join(("CTD1", purpose, *parts)).encode()


def record_message(record_hash: str) -> bytes:
    """Give the bytes that a device signs for a record of its journal."""
    return f"CTJS1{SEPARATOR}{record_hash}".encode()


def read_base64(text: str, most: int = 256) -> bytes:
    """Read base64url without padding; b'' for what is none."""
    if len(text) > most or not text.isascii():
        return b""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def is_public_key(point: bytes) -> bool:
    """Claim that these bytes are an uncompressed point of P-256."""
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        return False
    return len(point) == 65


def signature_fits(public_key: bytes, signed: bytes, signature: str) -> bool:
    """Claim that the key's owner signed these bytes: ECDSA P-256, SHA-256, 64 bytes r and s in base64url."""
    raw = read_base64(signature)
    if len(raw) != 64:
        return False
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key).verify(pair, signed, ECDSA(SHA256()))
    except (InvalidSignature, ValueError):  # a key that is no point of the curve has signed nothing
        return False
    return True


# -- PINs


def pin_problems(pin: str) -> list[str]:
    """Say what is wrong with a new PIN."""
    if not (pin.isascii() and pin.isdigit() and PIN_LEAST <= len(pin) <= PIN_MOST):
        return [_("Use %(least)d to %(most)d digits.") % {"least": PIN_LEAST, "most": PIN_MOST}]
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}) or _PATTERN.fullmatch(pin):
        return [_("This PIN is tried first by everybody. Choose digits without a pattern, and no year.")]
    if gtin_is_valid(pin):
        return [_("This PIN is the number of an article, as a scanner reads it. Change its last digit.")]
    return []


def new_pin() -> str:
    """Make a one-time PIN of six digits."""
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        if not pin_problems(pin):
            return pin


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong tries in a row on one day (UTC), and when the last one was."""

    failures: int
    last_at: datetime


def standing(tries: Tries | None, now: datetime) -> int:
    """Give how many wrong tries count now: a new day forgets them, a lock it does not."""
    if tries is None:
        return 0
    locked = tries.failures >= TRIES_A_DAY
    return tries.failures if locked or max(now, tries.last_at).date() == tries.last_at.date() else 0


def seconds_to_wait(tries: Tries | None, now: datetime) -> int | None:
    """Give the seconds until the next try; None until a manager has unlocked."""
    failures = standing(tries, now)
    if failures >= TRIES_A_DAY:
        return None
    pause = _PAUSES.get(failures)
    if tries is None or pause is None:
        return 0
    left = (pause - (max(now, tries.last_at) - tries.last_at)).total_seconds()
    return max(0, -int(-left // 1))


# -- people


def first_names(names: Sequence[tuple[UUID, str]]) -> dict[UUID, str]:
    """Give each person's first name; from the second of a name on they get a number, in the order given."""
    seen: dict[str, int] = {}
    shown = {}
    for id, name in names:
        first = (name.split() or ["?"])[0]
        seen[first] = seen.get(first, 0) + 1
        shown[id] = first if seen[first] == 1 else f"{first} {seen[first]}"
    return shown


# -- health


def read_health(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Keep of a device's report what is of the right kind, and how far its clock is off (its time less ours)."""
    kept: dict[str, Any] = {}
    for name in ("version", "browser", "oldest_at", "scan_layout", "scan_suffix"):
        if isinstance(told.get(name), str):
            kept[name] = told[name].replace("\0", "")[:_TEXT_MOST]
    for name in ("usage", "quota", "waiting", "waiting_minor", "scan_gap", "scan_p50", "scan_p99", "scans"):
        if type(told.get(name)) in {int, float} and abs(told[name]) <= 2**53:
            kept[name] = round(told[name])
    if isinstance(told.get("persisted"), bool):
        kept["persisted"] = told["persisted"]
    at = moment(told.get("at"))
    if at is not None:
        kept["skew"] = round((at - now).total_seconds())
    return kept


def moment(text: object) -> datetime | None:
    """Read a time with its offset, or None."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def warnings(health: Mapping[str, Any], now: datetime, version: str) -> list[tuple[str, str]]:
    """Say what is wrong with a device: (code, sentence). `version` is the client's of this server."""
    found = []
    skew = health.get("skew", 0)
    if abs(skew) > SKEW_MOST.total_seconds():
        said = _("Its clock is %(seconds)d seconds off. Set the time of the device.") % {"seconds": abs(skew)}
        found.append(("clock", said))
    if health.get("persisted") is False:
        found.append(("storage", _("The browser may clear its storage. Allow permanent storage for this address.")))
    oldest = moment(health.get("oldest_at"))
    if oldest is not None and health.get("waiting") and now - oldest > QUEUE_MOST:
        found.append(("queue", _("Records have waited for more than 15 minutes. Check its network.")))
    if version and health.get("version") and health["version"] != version:
        found.append(("version", _("It runs an old version. Finish its sale and load the page again.")))
    return found

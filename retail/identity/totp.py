"""Codes of an authenticator app (RFC 6238: SHA-1, 30 s, 6 digits), recovery codes, and the QR code to scan."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno

STEP_SECONDS: Final = 30
SECRET_BYTES: Final = 20
RECOVERY_CODES: Final = 10
RECOVERY_BYTES: Final = 10
_ISSUER: Final = "Countertop"
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUP: Final = 4


def new_totp_secret() -> bytes:
    """Make a secret of 160 random bits."""
    return secrets.token_bytes(SECRET_BYTES)


def readable_secret(secret: bytes) -> str:
    """Write a secret as people type it into an app: base 32, in groups of four."""
    return _grouped(base64.b32encode(secret).decode(), " ")


def totp_step(now: datetime) -> int:
    """Count the 30 seconds since 1970."""
    return int(now.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """Give the step that a code belongs to: the present one or the one before it, never another."""
    digits = code.replace(" ", "").encode()
    app = pyotp.TOTP(base64.b32encode(secret).decode(), interval=STEP_SECONDS)
    present = totp_step(now)
    fitting = [step for step in (present - 1, present) if hmac.compare_digest(app.generate_otp(step).encode(), digits)]
    return fitting[-1] if fitting else None


def setup_address(secret: bytes, account: str) -> str:
    """Give the otpauth address that an app reads from the QR code."""
    return pyotp.TOTP(base64.b32encode(secret).decode()).provisioning_uri(name=account, issuer_name=_ISSUER)


def qr_path(text: str) -> tuple[int, str]:
    """Draw a QR code as the data of one SVG path; gives the width of its square too, the quiet zone included.

    Only path data, no markup: the page's own template draws it, and nothing in it needs a style attribute.
    """
    rows = [list(row) for row in segno.make(text, error="m").matrix_iter(border=4)]
    runs: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x} {y}h{end - x}v1H{x}z")
            x = end + 1
    return len(rows), "".join(runs)


def new_recovery_codes() -> list[str]:
    """Make ten codes of 80 random bits, written as four groups of four without letters that look like digits."""
    return [_grouped(_base32(secrets.token_bytes(RECOVERY_BYTES)), "-") for _ in range(RECOVERY_CODES)]


def plain_recovery_code(typed: str) -> bytes:
    """Give what is tagged of a recovery code: its letters, however they were grouped and capitalised."""
    plain = "".join(c for c in typed.casefold() if c.isalnum()).translate(str.maketrans("oil", "011"))
    return plain.encode()


def looks_like_recovery_code(typed: str) -> bool:
    """Claim that this is no code of an app but long enough for one from the list."""
    return len(plain_recovery_code(typed)) > 8


def _base32(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(len(raw) * 8 - 5, -1, -5))


def _grouped(text: str, mark: str) -> str:
    return mark.join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))

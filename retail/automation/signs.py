"""Signs that part a cell into several values, and the backslash that makes one of them an ordinary letter; pure."""

from __future__ import annotations

import re


def split(text: str, sign: str) -> list[str]:
    """Part a cell at a sign that no backslash stands before; the parts keep their backslashes, without blanks."""
    if "\\" not in text:
        return [part.strip() for part in text.split(sign)]
    parts, part, at = [], "", 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            part += text[at : at + 2]
            at += 2
            continue
        if text[at] == sign:
            parts.append(part.strip())
            part = ""
        else:
            part += text[at]
        at += 1
    return [*parts, part.strip()]


def plain(text: str) -> str:
    """Take the backslashes out that `escaped` put in."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL) if "\\" in text else text


def escaped(text: str, signs: str) -> str:
    """Put a backslash before signs that would part a cell."""
    return re.sub(rf"([\\{re.escape(signs)}])", r"\\\1", text)

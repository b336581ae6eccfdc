"""What a mail is: checked when it is made, so that no name or subject can add a header, a recipient or a link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

Channel = Literal["mail", "sms"]
SECRET_MARK: Final = "[[secret]]"  # noqa: S105 - stands in a stored text where the secret stood
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f-\x9f]+@[^\s@<>\"(),:;\[\]\\\x00-\x1f\x7f-\x9f]+")
NUMBER: Final = re.compile(r"[+][1-9][0-9]{5,14}")
_KIND: Final = re.compile(r"[a-z_]{1,40}")
# A number with one or two points, and nothing that makes an address of it, or a point between two letters or digits.
_POINT: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+){1,2}(?!\.?\w)|(?<=\w)\.(?=\w)")
_SUBJECT_MOST: Final = 200
_SENDER_MOST: Final = 100


class Verbatim(str):
    """What a program of this installation said, for those who run it: a file's name stays one (`nightly.dump`).

    Never what somebody typed, nor what reaches who doesn't run the installation: a name could be a link.
    """

    __slots__ = ()


class BadAddress(ValueError):
    """A text is not one single e-mail address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, or an SMS, to one person. Raises BadAddress unless `to` is exactly one address (or number).

    Control characters of subject and sender become blanks. `secret` is the part of text and html (a link) that proves
    who reads it: it is stored apart and forgotten once sent. `essential` mail (security notices, resets) isn't counted
    against what a tenant may send in a day, and goes to suppressed addresses too. `sender` is a name only; the address
    is always the platform's. `priority` is 0 (first, and essential mail's) to 9; `due` puts it off. An SMS goes to a
    number like +4915112345678 and is its text alone.
    """

    to: str
    subject: str
    text: str
    html: str | None = None
    tenant: UUID | None = None
    kind: str = "invitation"
    sender: str = ""
    secret: str = ""
    essential: bool = False
    channel: Channel = "mail"
    priority: int = 3
    due: datetime | None = None

    def __post_init__(self) -> None:
        if not (NUMBER if self.channel == "sms" else _ADDRESS).fullmatch(self.to) or len(self.to) > 254:
            raise BadAddress(self.to)
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"{self.kind!r} is no kind of mail")
        if self.essential:
            object.__setattr__(self, "priority", 0)
        object.__setattr__(self, "subject", one_line(self.subject)[:_SUBJECT_MOST] or "Countertop")
        object.__setattr__(self, "sender", tame(self.sender)[:_SENDER_MOST])


def one_line(text: str) -> str:
    """Give a text as one line without control, format or line-breaking characters, each run of blanks as one."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def tame(text: str) -> str:
    """Give a name that somebody typed as one line that no mail reader turns into a link; amounts stay whole."""
    line = one_line(text).replace("://", " ").replace("@", " at ")
    return _POINT.sub(lambda found: ". " if found[0] == "." else found[0], line)

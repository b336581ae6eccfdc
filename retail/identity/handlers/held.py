"""A form that came without a fresh proof: what was typed waits in the page that asks for it, and is sent on afterwards.

It never lies on the server: the page carries it in hidden fields, so nothing has to be tidied up, and whoever gives the
proof is the one who typed. Passwords and files aren't carried; the form then comes back as with any field left empty.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from retail.identity.rules import own_path
from retail.kit.errors import Invalid
from retail.kit.text import _
from retail.runtime.web.forms import Fields

_TO: Final = "held_to"
_TYPED: Final = "held"


@dataclass(frozen=True, slots=True)
class Held:
    """Where a form was sent, and what was typed: pairs of name and value, in the form's order."""

    to: str
    fields: Sequence[tuple[str, str]]

    @classmethod
    async def arriving(cls, request: Request) -> Held:
        """Take in a form as it was sent. Raises Invalid where it was meant for no page of this site."""
        return cls(_checked(request.query_params.get("to", "")), (await Fields.read(request)).sendable())

    @classmethod
    def carried(cls, fields: Fields) -> Held | None:
        """Read what the page carried; None where no form waits. Raises Invalid where it can't be read."""
        if not fields.raw(_TO):
            return None
        try:
            typed = json.loads(fields.raw(_TYPED))
            return cls(_checked(fields.raw(_TO)), [(str(name), str(value)) for name, value in typed])
        except (TypeError, ValueError) as wrong:
            raise _unreadable() from wrong

    @property
    def written(self) -> str:
        """Write what was typed into one hidden field."""
        return json.dumps(self.fields)


def _checked(to: str) -> str:
    found = own_path(to, "")
    if not found:
        raise _unreadable()
    return found


def _unreadable() -> Invalid:
    return Invalid({"": [_("The form can't be read. Go back and send it again.")]})

"""What a till's scripts ask for is what an enrolled device may ask for: they compared as texts, and by its own door."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retail.identity.device_door import _TILL

TILL = Path(__file__).resolve().parents[2] / "kiosk" / "till"
ID = "01a20283-37a9-7572-ade9-5c30b8bc9183"
_ASKED = re.compile(r"`(tills/(?:\$\{[^}]*\}|[^`?$])+)")
WRITTEN = {f"{path.name}: {found}" for path in TILL.glob("*.js") for found in _ASKED.findall(path.read_text())}
"""Addresses with their variables, by the script."""
AFTERWARDS = ("${rest}", "${path}", "threads/${one.id}")
"""What these stand for is listed below."""
MORE = (
    "approvals/{id}/pin", "approvals/{id}", "announcements/{id}/confirmations/{id}", "shift-notes",
    "shift-notes/{id}/readings/{id}", "threads/{id}/messages", "threads/{id}/reading", "displays/{id}/ending",
)  # fmt: skip


@pytest.mark.parametrize("asked", sorted(one for one in WRITTEN if not one.endswith(AFTERWARDS)))
def test_the_door_opens_for_what_a_script_asks(asked: str) -> None:
    assert opens(re.sub(r"\$\{[^}]*\}", ID, asked.split(": ", 1)[1])), "see retail/identity/device_door.py"


@pytest.mark.parametrize("path", MORE)
def test_the_door_opens_for_what_a_script_puts_together(path: str) -> None:
    assert opens(f"tills/{ID}/" + path.replace("{id}", ID))


@pytest.mark.parametrize("path", ["", "sales", "news/x", "displays/nobody/ending", "announcements", "threads"])
def test_the_door_stays_shut_for_the_rest(path: str) -> None:
    assert not opens(f"tills/{ID}/{path}")


def opens(path: str) -> bool:
    return _TILL.fullmatch(f"/t/corner/api/v1/{path}") is not None

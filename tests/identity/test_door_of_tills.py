"""What a till's scripts ask for is what an enrolled device may ask for: they compared as texts, and by its own door."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retail.identity.device_door import _SHARED, _TILL

TILL = Path(__file__).resolve().parents[2] / "kiosk" / "till"
ID = "01a20283-37a9-7572-ade9-5c30b8bc9183"
_ASKED = re.compile(r"`(tills/(?:\$\{[^}]*\}|[^`?$])+)")
WRITTEN = {f"{path.name}: {found}" for path in TILL.glob("*.js") for found in _ASKED.findall(path.read_text())}
"""Addresses with their variables, by the script."""
_CALLED = re.compile(r"""api\.(?:get|post|put|patch|delete)\([`"]((?:\$\{[^}]*\}|[^`"?])+)""")
SHARED = {
    f"{path.name}: {found}"
    for path in TILL.glob("*.js")
    for found in _CALLED.findall(path.read_text())
    if not found.startswith(("tills/", "${"))
}
"""Addresses that belong to no till."""
AFTERWARDS = ("${rest}", "${path}", "threads/${one.id}")
"""What these stand for is listed below."""
MORE = (
    "approvals/{id}/pin", "approvals/{id}", "announcements/{id}/confirmations/{id}", "shift-notes",
    "shift-notes/{id}/readings/{id}", "threads/{id}/messages", "threads/{id}/reading", "displays/{id}/ending",
)  # fmt: skip


@pytest.mark.parametrize("asked", sorted(one for one in WRITTEN if not one.endswith(AFTERWARDS)))
def test_the_door_opens_for_what_a_script_asks(asked: str) -> None:
    assert opens(re.sub(r"\$\{[^}]*\}", ID, asked.split(": ", 1)[1])), "see retail/identity/device_door.py"


@pytest.mark.parametrize("asked", sorted(SHARED))
def test_the_door_opens_for_what_a_script_asks_of_the_business(asked: str) -> None:
    assert opens(re.sub(r"\$\{[^}]*\}", ID, asked.split(": ", 1)[1])), "see retail/identity/device_door.py"


def test_what_scripts_ask_of_the_business_is_found() -> None:
    assert {"offers.js: offers/set", "offers.js: coupons/check"} <= SHARED


@pytest.mark.parametrize("path", MORE)
def test_the_door_opens_for_what_a_script_puts_together(path: str) -> None:
    assert opens(f"tills/{ID}/" + path.replace("{id}", ID))


@pytest.mark.parametrize("path", ["", "sales", "news/x", "displays/nobody/ending", "announcements", "threads"])
def test_the_door_stays_shut_for_the_rest(path: str) -> None:
    assert not opens(f"tills/{ID}/{path}")


@pytest.mark.parametrize(
    "path", ["offers", f"offers/{ID}", "coupons", f"shifts/{ID}", f"customers/{ID}/merge", "sales"]
)
def test_the_door_stays_shut_for_the_rest_of_the_business(path: str) -> None:
    assert not opens(path)


def opens(path: str) -> bool:
    asked = f"/t/corner/api/v1/{path}"
    return _TILL.fullmatch(asked) is not None or _SHARED.fullmatch(asked) is not None

"""Notices by mail about somebody's own account: whoever didn't do it learns of it at once. No link is in them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Literal

from starlette.requests import HTTPConnection

from retail.identity.browsers import device_words
from retail.identity.sessions import client_ip, user_agent
from retail.kit.text import _
from retail.runtime.db import Unit
from retail.runtime.mail import compose, queue

Happening = Literal[
    "password_changed",
    "app_added",
    "app_removed",
    "passkey_added",
    "passkey_removed",
    "codes_made",
    "code_used",
    "new_browser",
    "wrong_codes",
]
_KIND: Final = "account_notice"


def words_of(happening: Happening) -> str:
    """Say in a sentence what happened."""
    return {
        "password_changed": _("Your password was changed. All other devices were signed out."),
        "app_added": _("An authenticator app was added to your account."),
        "app_removed": _("The authenticator app was removed from your account."),
        "passkey_added": _("A passkey was added to your account."),
        "passkey_removed": _("A passkey was removed from your account."),
        "codes_made": _("New recovery codes were made for your account. The old ones no longer work."),
        "code_used": _("Somebody signed in to your account with a recovery code."),
        "new_browser": _("Somebody signed in to your account from a device that we haven't seen before."),
        "wrong_codes": _("Somebody typed your password and then too many wrong codes. They were not let in."),
    }[happening]


async def tell(unit: Unit, connection: HTTPConnection, email: str, happening: Happening) -> None:
    """Queue the notice in the transaction that makes it true."""
    mail = compose(
        _KIND,
        email,
        essential=True,
        happened=words_of(happening),
        device=device_words(user_agent(connection)),
        address=_address(client_ip(connection)),
        at=f"{unit.now:%Y-%m-%d %H:%M}",
        wrong=happening == "wrong_codes",
    )
    await queue(unit, mail)


def _address(ip: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(ip)
    except ValueError:
        return None

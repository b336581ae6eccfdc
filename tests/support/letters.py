"""Reading the mail that the product has put into its letter box."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from retail.runtime import mail
from retail.runtime.db import Database
from retail.runtime.mail.box import OpenLetter


async def letters_to(db: Database, address: str, kind: str = "") -> list[OpenLetter]:
    """Give somebody's mails, the newest first."""
    found: list[OpenLetter] = []
    async with db.platform() as unit:
        for one in (await mail.letters(unit, limit=500)).items:
            if one.recipient == address and (not kind or one.kind == kind):
                opened = await mail.letter(unit, one.id)
                assert opened is not None
                found.append(opened)
    return found


async def token_to(db: Database, address: str, kind: str) -> str:
    """Give the token in the link of somebody's newest mail of a kind."""
    newest = (await letters_to(db, address, kind))[0]
    assert newest.secret is not None
    assert newest.text.count("[[secret]]") == 1
    return parse_qs(urlsplit(newest.secret).query)["token"][0]

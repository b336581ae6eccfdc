"""A program's ear at the stream: JSON messages from the version on that it names."""

from __future__ import annotations

from typing import Final

from retail.runtime.db import Database
from retail.runtime.realtime import history
from retail.runtime.realtime.guests import Hearing
from retail.runtime.realtime.mailbox import MOST_MESSAGES, Mailbox
from retail.runtime.realtime.message import Message, control
from retail.runtime.tenancy import Scope

# More would overflow the letter box; fetching afresh is cheaper then anyway.
MOST_REPLAYED: Final = MOST_MESSAGES - 56


class JsonListener:
    """A Subscriber that passes messages on as they are. While it catches up, what comes meanwhile is held back.

    `seen` is the stream's version at this moment, `state` what the greeting says ("live" or "lagging"); `hears` says of
    which stores each topic is heard.
    """

    def __init__(self, mailbox: Mailbox, seen: int, state: str, hears: Hearing) -> None:
        self._mailbox, self._hears = mailbox, hears
        self._told, self._state = seen, state
        self._held: list[Message] | None = []

    def hear(self, message: Message) -> None:
        """Pass a message on, or hold it back; what was read from Postgres ahead of the stream is not told again."""
        if self._held is not None:
            self._held.append(message)
        elif message.version > self._told:
            self._told = message.version
            if self._may_tell(message):
                self._mailbox.put(message.wire)

    def restart(self, head: int) -> None:
        """Tell the program to fetch all again, and that it then is at `head`."""
        self._told = head
        self._mailbox.put(control("reset", version=head), "reset")

    def _may_tell(self, message: Message) -> bool:
        return message.concerns(self._hears.get(message.topic))

    async def resume(self, db: Database, tenant: Scope, since: int | None) -> None:
        """Give what came after version `since` (None: nothing old), then let the held messages follow. Raises Busy.

        Subscribe first, then resume: what is committed between the two is held, and told once. The greeting comes after
        what was missed, so that a version which a program remembers never runs ahead of what it was told.
        """
        if since is not None:
            async with db.read(tenant) as read:
                missed = await history.missed(read, since, list(self._hears))
            self._told = missed.head
            lacking = None if missed.messages is None else [one for one in missed.messages if self._may_tell(one)]
            if lacking is None or len(lacking) > MOST_REPLAYED:
                self.restart(missed.head)
            else:
                for message in lacking:
                    self._mailbox.put(message.wire)
        self._mailbox.put(control(self._state, version=self._told))
        held, self._held = self._held or [], None
        for message in held:
            self.hear(message)

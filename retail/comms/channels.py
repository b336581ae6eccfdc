"""Live news: every signed-in screen and every till hears that there is something, and asks what."""

from __future__ import annotations

from typing import Final

from retail.comms.events import (
    AnnouncementConfirmed,
    AnnouncementEnded,
    AnnouncementPublished,
    MessageSent,
    ShiftNoteChanged,
    ThreadRead,
)
from retail.runtime.realtime.channels import ANY_MEMBER, THAT_PERSON, Channel, Facts


def _which(event: AnnouncementPublished | AnnouncementEnded | AnnouncementConfirmed) -> Facts:
    return {"announcement": str(event.announcement)}


def _thread(event: MessageSent | ThreadRead) -> Facts:
    return {"thread": str(event.thread)}


# One topic for all: whoever hears it asks what is theirs, and is told no more than that. What somebody confirmed
# changes their own screens alone.
CHANNELS: Final = [
    Channel(AnnouncementPublished, "news", "news.changed", ANY_MEMBER, facts=_which),
    Channel(AnnouncementEnded, "news", "news.changed", ANY_MEMBER, facts=_which),
    Channel(AnnouncementConfirmed, "news:{person}", "news.confirmed", THAT_PERSON, facts=_which),
    Channel(MessageSent, "news", "messages.changed", ANY_MEMBER, facts=_thread),
    Channel(ThreadRead, "news", "messages.read", ANY_MEMBER, facts=_thread),
    Channel(ShiftNoteChanged, "news", "notes.changed", ANY_MEMBER),
]

"""Live news: every signed-in screen and every till hears that there is something, and asks what."""

from __future__ import annotations

from typing import Final

from retail.comms.events import AnnouncementEnded, AnnouncementPublished
from retail.runtime.realtime.channels import ANY_MEMBER, Channel, Facts


def _which(event: AnnouncementPublished | AnnouncementEnded) -> Facts:
    return {"announcement": str(event.announcement)}


CHANNELS: Final = [
    Channel(AnnouncementPublished, "news", "news.changed", ANY_MEMBER, facts=_which),
    Channel(AnnouncementEnded, "news", "news.changed", ANY_MEMBER, facts=_which),
]

"""Live bells: what was read on one screen of a person is read on the others."""

from __future__ import annotations

from typing import Final

from retail.notifications.events import NotificationsRead
from retail.runtime.realtime.channels import ANY_MEMBER, Channel, Facts


def _nothing(_event: NotificationsRead) -> Facts:
    """Whose it was is nobody's business: each bell asks for its own number."""
    return {}


CHANNELS: Final = [Channel(NotificationsRead, "notices", "notice.gone", ANY_MEMBER, _nothing)]

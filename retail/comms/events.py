"""What happened in news and messages: ids and small facts, never what somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from retail.runtime.outbox import Event


@dataclass(frozen=True)
class AnnouncementPublished(Event):
    """The operator tells this business something, from now on; `auth_ring_announcements()` emits it in each of them."""

    name: ClassVar[str] = "announcement.published"
    announcement: UUID
    importance: str
    must_confirm: bool


@dataclass(frozen=True)
class AnnouncementEnded(Event):
    """An announcement is over or was taken back."""

    name: ClassVar[str] = "announcement.ended"
    announcement: UUID
    importance: str
    must_confirm: bool

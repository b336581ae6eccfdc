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


@dataclass(frozen=True)
class AnnouncementConfirmed(Event):
    """Somebody has said that they have read an announcement: their bell need not say it any more."""

    name: ClassVar[str] = "announcement.confirmed"
    announcement: UUID
    person: UUID


@dataclass(frozen=True)
class MessageSent(Event):
    """Somebody wrote into a thread; whom it reaches says `retail.comms.readers.people_of()`.

    `kind` is the thread's (operator, team), `author_kind` is person, till or operator.
    """

    name: ClassVar[str] = "thread.message_sent"
    thread: UUID
    message: UUID
    kind: str
    author_kind: str
    author: UUID


@dataclass(frozen=True)
class ThreadRead(Event):
    """Somebody has read a thread, or others take part in it now: marks and lists are drawn anew."""

    name: ClassVar[str] = "thread.read"
    thread: UUID


@dataclass(frozen=True)
class ShiftNoteChanged(Event):
    """A note for the next shift was left, read or taken back."""

    name: ClassVar[str] = "shift_note.changed"
    note: UUID
    store: UUID

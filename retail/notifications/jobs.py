"""What notifications react to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.notifications.telling import tell
from retail.runtime.db import Tx
from retail.runtime.notices import NoticePosted
from retail.runtime.outbox import Event

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]

PROJECTIONS: Final[dict[type[Event], Reaction]] = {NoticePosted: tell}

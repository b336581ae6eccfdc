"""Reactions of analytics: every completed sale goes into the rollups right behind its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from retail.analytics.operations import project_sales
from retail.runtime.db import Tx
from retail.runtime.outbox import Event
from retail.sales.events import SaleCompleted

Reaction = Callable[[Tx, Sequence[Event]], Awaitable[None]]

PROJECTIONS: Final[dict[type[Event], Reaction]] = {SaleCompleted: project_sales}

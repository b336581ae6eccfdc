"""What the relay and the hub work with: every feature's channels and projections, gathered in the order of the tiers.

A feature joins by having a channels.py with CHANNELS (and ASKS, what its pages ask over their sockets) or a jobs.py
with PROJECTIONS; importing its jobs.py also registers its jobs, so workers and web processes know the same events,
channels and jobs.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Final, cast

from retail.noticing import NOTICED
from retail.runtime import set_aside, upkeep
from retail.runtime.jobs import JobMoved
from retail.runtime.notices import NoticePosted
from retail.runtime.outbox import Event
from retail.runtime.realtime import access
from retail.runtime.realtime.channels import ANY_MEMBER, Channel, Switchboard
from retail.runtime.relay import Projection

FEATURES: Final = (
    "audit", "identity", "tenants", "catalog", "customers", "ledger", "stock", "cash", "value", "promotions", "sales",
    "segments", "orders", "purchasing", "finance", "notifications", "comms", "billing", "recommending", "risk",
    "analytics", "foresight", "vigilance", "automation", "privacy", "life", "console",
)  # fmt: skip
JOBS_OF_THE_RUNTIME: Final = (set_aside.JOB, upkeep.JOB)

CHANNELS: Final = [
    access.CHANNEL,
    Channel(JobMoved, "job:{job}", "job.moved", ANY_MEMBER),
    Channel(NoticePosted, "notices", "notice.posted", ANY_MEMBER, lambda _event: {}),  # what it says is for some alone
]


def _modules(name: str) -> list[ModuleType]:
    found = [f"retail.{feature}.{name}" for feature in FEATURES if importlib.util.find_spec(f"retail.{feature}")]
    return [importlib.import_module(path) for path in found if importlib.util.find_spec(path)]


@cache
def switchboard() -> Switchboard:
    """Give all channels of the product. Raises TypeError where a channel names a field that its event lacks."""
    _modules("jobs")  # a web process enqueues them, and must know them by name
    told = [channel for module in _modules("channels") for channel in _channels(module)]
    asks = [ask for module in _modules("channels") for ask in getattr(module, "ASKS", ())]
    return Switchboard([*CHANNELS, *told], asks)


def _channels(module: ModuleType) -> Sequence[Channel]:
    return cast("Sequence[Channel]", module.CHANNELS)


@cache
def projections() -> dict[type[Event], tuple[Projection, ...]]:
    """Give what each event sets off, lower tiers first, and register every job on the way."""
    _modules("events")
    found: defaultdict[type[Event], list[Projection]] = defaultdict(list)
    for module in _modules("jobs"):
        for event, projection in getattr(module, "PROJECTIONS", {}).items():
            found[event].append(projection)
    for event, post in NOTICED.items():
        found[event].append(post)
    return {event: tuple(several) for event, several in found.items()}

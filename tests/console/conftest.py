"""What the tests of the console share: the application, and a relay that counts what was sold."""

from __future__ import annotations

import pytest

from retail.console.jobs import PROJECTIONS
from retail.runtime.db import Database
from retail.runtime.realtime.channels import Switchboard
from retail.runtime.relay import Relay
from tests.support.web import site

__all__ = ["site"]


async def nobody_listens(*_what: object) -> None:
    """Take what was relayed."""


@pytest.fixture
def relay(db: Database) -> Relay:
    return Relay(db, Switchboard([]), {event: (reaction,) for event, reaction in PROJECTIONS.items()}, nobody_listens)

"""What the catalogue's worker does: importing this registers it."""

from __future__ import annotations

from retail.catalog.changes.jobs import JOB as CHANGE_JOB
from retail.catalog.products.scheduling import JOB as SCHEDULE_JOB

__all__ = ["CHANGE_JOB", "SCHEDULE_JOB"]

"""Web push: which browsers ring for whom, and ringing them (docs/algorithms/notifications.md, 4)."""

from __future__ import annotations

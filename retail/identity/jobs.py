"""Jobs of identity."""

from __future__ import annotations

from retail.identity.grants_jobs import rights_turn

__all__ = ["rights_turn"]

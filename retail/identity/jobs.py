"""Jobs of identity."""

from __future__ import annotations

from retail.identity.factor_resets import reset_factors
from retail.identity.grants_jobs import rights_turn

__all__ = ["reset_factors", "rights_turn"]

"""Jobs of identity."""

from __future__ import annotations

from retail.identity.factor_resets import reset_factors
from retail.identity.grants_jobs import rights_turn
from retail.identity.sign_ins_jobs import forget_sign_ins

__all__ = ["forget_sign_ins", "reset_factors", "rights_turn"]

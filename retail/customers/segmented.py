"""The segments that customers are told apart by: their names, and how a list is narrowed to one.

Who is in which is worked out by retail/segments, above; what is below it only needs to choose by it.
"""

from __future__ import annotations

from typing import Final, Literal

from retail.identity.permissions import VIEW_DASHBOARD
from retail.kit.text import _
from retail.runtime.tenancy import Scope

Segment = Literal["vip", "loyal", "active", "new", "at_risk", "lost"]

SEGMENTS: Final[tuple[Segment, ...]] = ("vip", "loyal", "active", "new", "at_risk", "lost")
"""In the order in which they are listed."""
IN_SEGMENT: Final = """EXISTS (
  SELECT FROM segment_state s JOIN customer_standing f ON f.tenant_id = s.tenant_id AND f.run = s.shown
   WHERE s.tenant_id = c.tenant_id AND f.customer_id = c.id AND f.segment = {})"""


def may_see(scope: Scope) -> bool:
    """Claim that whoever asks may see segments: they are told from what was sold in all stores."""
    return scope.may(VIEW_DASHBOARD) and scope.stores is None and scope.reach(VIEW_DASHBOARD) is None


def segment_words(segment: str) -> str:
    """Name a segment."""
    return {
        "vip": _("VIP"),
        "loyal": _("Loyal"),
        "active": _("Active"),
        "new": _("New"),
        "at_risk": _("At risk"),
        "lost": _("Lost"),
    }[segment]

"""What the sales come to: rollups by hour and by product and day, the page Today, and figures for programs.

Others call `rebuild(tx, first, last)` after they stored sales without telling the relay (imports, seeds).
"""

from __future__ import annotations

from retail.analytics.rollups.keeping import rebuild

__all__ = ["rebuild"]

"""A believable business to try the product with: three stores, their people, goods and thirteen months of trade.

`seed` builds it once, all of it or nothing; `logins` tells who can sign in; `PATIENT` are the database settings that
the building needs.
"""

from __future__ import annotations

from retail.demo.building import PATIENT, seed
from retail.demo.history import Size
from retail.demo.people import logins

__all__ = ["PATIENT", "Size", "logins", "seed"]

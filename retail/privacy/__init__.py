"""People's data: what is kept of whom and how long, taken out for them, and erased so that the books stay."""

from __future__ import annotations

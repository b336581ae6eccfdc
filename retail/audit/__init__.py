"""Who did what, when: written by every unit of work, never changed, read here."""

from __future__ import annotations

from typing import Final

# here, and not with the other permissions, because identity lies above
VIEW_AUDIT: Final = "view_audit"
EXPORT: Final = "export"

"""Live settings, and how the business stands: open tills and pages hear of it, and ask what holds now."""

from __future__ import annotations

from typing import Final

from retail.runtime.realtime.channels import ANY_MEMBER, Channel
from retail.tenants.events import BusinessMoved, SettingsChanged

CHANNELS: Final = [
    Channel(SettingsChanged, "settings", "settings.changed", ANY_MEMBER),
    Channel(BusinessMoved, "settings", "settings.changed", ANY_MEMBER),
]

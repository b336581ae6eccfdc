"""Live settings: open tills hear that something was set anew, and ask what holds now."""

from __future__ import annotations

from typing import Final

from retail.runtime.realtime.channels import ANY_MEMBER, Channel
from retail.tenants.events import SettingsChanged

CHANNELS: Final = [Channel(SettingsChanged, "settings", "settings.changed", ANY_MEMBER)]

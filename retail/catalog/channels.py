"""Live catalogue: every till hears that there is a newer version, and fetches what changed."""

from __future__ import annotations

from typing import Final

from retail.catalog.events import CatalogueChanged
from retail.identity.permissions import VIEW_CATALOGUE
from retail.runtime.realtime.channels import Channel

CHANNELS: Final = [Channel(CatalogueChanged, "catalogue", "catalogue.changed", VIEW_CATALOGUE, of_all_stores=True)]

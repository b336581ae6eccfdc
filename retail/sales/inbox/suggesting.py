"""What a suggestion is: what an exception means, and the one press that settles it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from retail.identity.permissions import EDIT_CATALOGUE, EDIT_CUSTOMERS, MOVE_STOCK

SEEN: Final = "seen"
STOCK: Final = "stock"
CHARGE: Final = "charge"
RESTORE: Final = "restore"
FIXES: Final = {STOCK: MOVE_STOCK, CHARGE: EDIT_CUSTOMERS, RESTORE: EDIT_CATALOGUE}
"""What can be booked to settle an exception, and the right that it takes beside that of settling."""
LOOKS: Final = ("product", "tills", "devices", "payments", "offers", "cash", "reservations", "layaways")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What an exception means, what the one press is called and does, and what it leaves as the note.

    `fix` is SEEN where nothing is booked. `look` names a page that tells more, '' for none.
    """

    means: str
    press: str
    note: str
    fix: str = SEEN
    look: str = ""

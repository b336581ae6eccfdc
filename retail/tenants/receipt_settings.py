"""What a business or a store sets about its receipts; rows of the table in settings.py."""

from __future__ import annotations

from typing import Final

from retail.tenants.setting import Setting, said

_SHOWN: Final = (said("Shown"), said("Left out"))


def _part(key: str, label: str, sentence: str, default: str = "shown") -> Setting:
    """Make the setting of a part of the receipt that may be left out."""
    return Setting(key, "receipt", label, sentence, "choice", default=default, scope="both",
                   choices=("shown", "hidden"), words=_SHOWN, required=True)  # fmt: skip


RECEIPT: Final[tuple[Setting, ...]] = (
    Setting("receipt_paper", "receipt", said("Paper"),
            said("What this browser and the tills print on, unless a till has a printer of its own."), "choice",
            default="80", scope="both", choices=("80", "58", "a4"),
            words=(said("80 mm roll"), said("58 mm roll"), said("A4 sheets")), required=True),
    Setting("receipt_heading", "receipt", said("Lines under the name"),
            said("A slogan, a phone number, opening hours."), "lines", scope="both"),
    _part("receipt_logo", said("Logo"), said("Above the name.")),
    _part("receipt_address", said("Address of the store"), said("Most countries ask for it.")),
    _part("receipt_tax_number", said("Tax number of the store"), said("Most countries ask for it.")),
    _part("receipt_cashier", said("Who served"), said("The cashier's name. Never on the public page.")),
    _part("receipt_customer", said("Name of the customer"), said("Never on the public page.")),
    _part("receipt_saved", said("What the customer saved"), said("Where an offer was used.")),
    _part("receipt_barcode", said("Barcode of the number"), said("So that a return finds it by a scan.")),
    _part("receipt_qr", said("QR code"), said("It opens the receipt on the customer's phone.")),
    Setting("receipt_page_days", "receipt", said("Receipts stay on the web for"),
            said("Who has the code of a receipt can open it for so long."), "whole", default=90, scope="both",
            least=1, most=3_650, unit=said("days"), required=True),
    Setting("receipt_note", "receipt", said("Last line of the receipt"),
            said("For every store that has no line of its own."), "lines"),
    Setting("receipt_footer", "receipt", said("Last line of the receipt"),
            said("Stands on this store's receipts; empty: as the business has it."), "lines", scope="store",
            column="receipt_footer"),
)  # fmt: skip

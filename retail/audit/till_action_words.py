"""What the audit trail's pages call what is done at tills and with their devices; a part of `action_words`."""

from __future__ import annotations

from retail.kit.text import _


def at_tills() -> dict[str, str]:
    """Give the words of each action at a till."""
    return {
        "cash.shift_opened": _("Shift opened"),
        "cash.shift_closed": _("Shift closed"),
        "cash.counted": _("Drawer counted"),
        "cash.supplement": _("Late sales added to a Z report"),
        "cash.variance_accepted": _("Difference accepted"),
        "cash.moved": _("Cash moved"),
        "cash.drawer_opened": _("Drawer opened without a sale"),
        "sales.returned": _("Goods taken back"),
        "sales.till_claimed": _("Device took a till"),
        "sales.conflict": _("Receipt number used twice"),
        "sales.exception_resolved": _("Exception settled"),
        "sales.exception_reopened": _("Exception opened again"),
        "receipt.copied": _("Receipt printed again"),
        "receipt.mailed": _("Receipt sent by e-mail"),
        "till.set_up": _("Till set up"),
        "device.enrolled": _("Device enrolled"),
        "device.moved": _("Device moved to another till"),
        "device.offered": _("Code for a device made"),
        "device.policy_set": _("Rule for devices set"),
        "device.renamed": _("Device renamed"),
        "device.revoked": _("Device revoked"),
        "device.session_opened": _("Device signed in"),
        "device.wiped": _("Device wiped itself"),
        "pin.given": _("One-time PIN given"),
        "pin.removed": _("PIN removed"),
        "pin.set": _("PIN set"),
        "pin.unlocked": _("PIN unlocked"),
        "pin.wrong": _("Wrong PIN"),
        "payment.settled": _("Card payment settled"),
        "payment.started": _("Card payment started"),
        "payment.missed": _("Card payment without a sale"),
        "till_layout.added": _("Layout of tiles made"),
        "till_layout.saved": _("Layout of tiles saved"),
        "till_layout.used": _("Layout of tiles put to use"),
        "till_layout.left": _("Layout of tiles taken out of use"),
        "till_layout.archived": _("Layout of tiles archived"),
        "till_layout.restored": _("Layout of tiles brought back"),
        "risk.alerted": _("Something stood out at a till"),
        "risk.settled": _("Loss-prevention alert settled"),
        "sales.line_voided": _("Line taken out of an open sale"),
        "sales.sale_voided": _("Open sale cancelled"),
        "sales.held": _("Sale put on hold"),
        "sales.held_noted": _("Note written on a sale on hold"),
        "sales.recalled": _("Held sale recalled"),
        "sales.held_taken_over": _("Held sale of somebody else taken over"),
        "sales.void_undone": _("Taking out undone"),
        "till.changed": _("Till changed"),
        "till.retired": _("Till retired"),
    }

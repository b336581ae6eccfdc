"""What the audit trail's pages call the facts of a record and the kinds of things; a test knows every one recorded."""

from __future__ import annotations

from retail.kit.text import _


def fact_words(name: str) -> str:
    """Name a fact, by its dotted name where facts lie within others; one without words here by its own name."""
    words, last = _facts(), name.rpartition(".")[2]
    return words.get(name) or words.get(last) or _plainly(last.replace("_minor", ""))


def kind_words(kind: str) -> str:
    """Name a kind of thing; one of a newer version, without words here, by its own name."""
    return _kinds().get(kind) or _plainly(kind)


def _plainly(name: str) -> str:
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def _kinds() -> dict[str, str]:
    return {
        "product": _("Product"), "category": _("Group"), "tax_class": _("Tax"), "catalogue": _("Catalogue"),
        "member": _("Member"), "person": _("Person"), "token": _("Token"), "token_family": _("Token"),
        "role": _("Role"), "grant": _("Right"), "device": _("Device"), "session": _("Session"),
        "shift": _("Shift"), "store": _("Store"), "till": _("Till"), "tenant": _("Business"),
        "invoice": _("Invoice"), "plan_coupon": _("Coupon"), "sale": _("Sale"),
        "risk_alert": _("Loss prevention"), "unusual_day": _("Unusual day"), "till_layout": _("Layout of tiles"),
        "count": _("Count"), "waste_reason": _("Reason of waste"), "approval": _("Approval"),
        "exception": _("Exception"), "job": _("Job"), "file": _("File"), "audit": _("Audit trail"), "key": _("Key"),
        "backup": _("Backup"),
        "table": _("Table"), "request": _("Request"), "audit_record": _("Record of the audit trail"),
        "barcode_layout": _("Barcode rule"), "customer": _("Customer"), "value_account": _("Stored value"),
        "export": _("Export"),
        "layaway": _("Kept goods"),
        "family": _("Family of variants"), "fiscal_position": _("Way to tax"), "import": _("Import"),
        "invitation": _("Invitation"), "mail": _("Mail"), "modifier_group": _("Choices at the till"),
        "platform": _("Installation"), "price_batch": _("Change of many prices"), "price_list": _("Price list"),
        "offer": _("Offer"), "supplier": _("Supplier"), "tax_exemption": _("Exemption from tax"),
        "transfer": _("Transfer"), "thread": _("Messages"), "shift_note": _("Note for the shift"),
        "announcement": _("Announcement"), "fault": _("Error"), "switch": _("Setting"),
        "view": _("View"), "report": _("Report"), "schedule": _("Sending of a report"), "scenario": _("Scenario"),
    }  # fmt: skip


def _facts() -> dict[str, str]:
    return _of_goods() | _of_people() | _of_work() | _of_offers()


def _of_goods() -> dict[str, str]:
    return {
        "channel": _("Channel"), "which": _("Which one"),
        "n": _("Copy number"), "sale": _("Sale"), "fee_minor": _("Fee"),
        "name": _("Name"), "price_minor": _("Price"), "sku": _("SKU"), "code": _("Code"), "rate_micros": _("Rate"),
        "unit_cost": _("Cost"), "reorder_point": _("Reorder at"), "on_hand": _("On hand"), "quantity": _("Quantity"),
        "category": _("Group"), "barcodes": _("Barcodes"), "archived": _("Archived"), "tax_class": _("Tax"),
        "version": _("Version of the catalogue"), "decimals": _("Decimals of the quantity"),
        "favourite": _("Among the till's favourites"), "unit": _("Sold by"), "min_age": _("Youngest buyer"),
        "open_price": _("Price typed at the till"), "deposit": _("Deposit"), "tags": _("Tags"),
        "attributes": _("Traits"), "notes": _("Notes"), "available_from": _("On sale from"),
        "available_until": _("On sale until"), "tracking": _("Followed by"), "content": _("Content"),
        "family": _("Family"), "options": _("Options"), "parts": _("Parts"), "modifier_groups": _("Choices"),
        "hue": _("Colour"), "position": _("Place"), "inside": _("Inside"), "place": _("Place"),
        "variants": _("Variants"), "picture": _("Picture"),
        "pattern": _("Pattern"), "supplier": _("Supplier"), "product": _("Product"),
        "products": _("Products"), "prices": _("Prices"), "rule": _("Rule"), "rule.kind": _("Kind of rule"),
        "rule.value": _("By"), "rule.ending": _("Ending"), "change": _("Change"), "undoes": _("Undoes"),
        "kept": _("Kept"), "passed_over": _("Passed over"), "wanted": _("Wanted"), "taken": _("Taken"),
        "currency": _("Currency"), "rate_billionths": _("Rate of exchange"), "mapping": _("Taxes"),
        "from_date": _("From"), "starts_on": _("From"), "ends_on": _("Until"), "effective_at": _("Holds from"),
        "lot": _("Lot"), "serial": _("Serial number"), "trace": _("Lot or serial number"), "document": _("Document"),
        "move": _("Movement"), "gone_minor": _("Of goods that are gone"), "variance_minor": _("Difference"),
        "gross_minor": _("Differences together"), "differing": _("Products that differ"), "added": _("Added"),
        "from_store": _("From store"), "to_store": _("To store"), "number": _("Number"), "purpose": _("Purpose"),
        "reservation": _("Reservation"), "ending": _("How it ended"),
        "shared_by": _("Shared"), "tills": _("Tills"), "expires_at": _("Until"), "reasons": _("Reasons"),
        "cost": _("Cost"), "supplier_sku": _("Supplier's SKU"), "pack_quantity": _("Pack of"),
        "min_order_quantity": _("Order at least"), "lead_days": _("Days to deliver"), "preferred": _("Usual supplier"),
        "instead_of": _("Instead of"), "texts": _("Texts that changed"),
        "credit_limit_minor": _("Credit limit"), "source": _("Comes from"),
        "amount_minor": _("Amount"), "into": _("Into"),
    }  # fmt: skip


def _of_offers() -> dict[str, str]:
    return {
        "codes": _("Codes"), "prefix": _("Begins with"), "series": _("Series"), "terms": _("What it does"),
        "priority": _("Rank"), "exclusive": _("Stands alone"), "coupon": _("Only with a coupon"),
        "groups": _("Groups of customers"), "starts": _("From"), "ends": _("Until"), "windows": _("Hours"),
        "least_pieces": _("At least so many pieces"), "least_spend": _("At least for"), "times": _("So often"),
        "most": _("At most"),
        "at_till": _("At a till"), "files": _("Files"), "importance": _("Importance"), "message": _("Message"),
        "must_confirm": _("Must be confirmed"), "parties": _("Who takes part"), "targets": _("For"),
    }  # fmt: skip


def _of_people() -> dict[str, str]:
    return {
        "brand": _("Brand"), "last_four": _("Last four digits"),
        "": _("Value"), "role": _("Role"), "reason": _("Reason"), "email": _("E-mail"), "permission": _("Right"),
        "permissions": _("Rights"), "everywhere": _("In all stores"), "starts_at": _("From"), "ends_at": _("Until"),
        "person": _("Person"), "member": _("Member"), "by": _("By"), "asked_by": _("Asked by"), "made_by": _("Made by"),
        "answer": _("Answer"), "how": _("How"), "act": _("Act"), "amount": _("Amount"), "grant": _("Grant"),
        "device": _("Device"), "devices": _("Devices too"), "device_lost": _("Device was lost"),
        "display": _("Customer display"),
        "unsent": _("Records not sent"), "unsent_minor": _("Money not sent"),
        "enrolment": _("Enrolment"), "failures": _("Wrong so often"), "offline_at": _("Without a network at"),
        "factors": _("Proofs"), "sessions": _("Sessions"), "tokens": _("Tokens"), "account": _("The account too"),
        "businesses": _("Businesses"), "way": _("What didn't fit"), "tries": _("Tries"), "first": _("First"),
        "last": _("Last"), "networks": _("Networks"), "issuer": _("Provider"), "audience": _("For"),
        "required": _("Required"), "pseudonym": _("Called from now on"), "erasure": _("Erasure"),
        "letters": _("Letters"), "due": _("Due"), "due_on": _("Due"), "until": _("Until"), "days": _("Days"),
        "stores": _("Stores"), "why": _("Why"), "request": _("Request"), "shared": _("Shared"), "query": _("Filters"),
        "sign_up": _("Sign-up"), "country": _("Country"), "plan": _("Plan"), "closing": _("Closing"),
        "cycle": _("Paid"), "step": _("Step"), "open_minor": _("Still open"), "reference": _("Reference"),
        "received_on": _("Received on"),
        "owed_since": _("Owed since"), "periods": _("Periods"),
    }  # fmt: skip


def _of_work() -> dict[str, str]:
    return {
        "attempt": _("Try"), "recount": _("Asked to count once more"), "count": _("Count"), "cause": _("Cause"),
        "cash": _("Cash"), "supplement": _("Supplement"), "left": _("Left in the drawer"),
        "difference": _("Difference"),
        "job": _("Job"), "switch": _("Setting"), "reach": _("For"), "type": _("Type"),
        "store": _("Store"), "till": _("Till"), "note": _("Note"), "file": _("File"), "rows": _("Rows"),
        "format": _("Format"), "label": _("Name"), "expected": _("Expected"), "counted": _("Counted"),
        "cashier": _("Cashier"), "verdict": _("Verdict"),
        "variance": _("Over or short"), "opening_float": _("Float"), "slug": _("Address"), "kind": _("Kind"),
        "total": _("Total"), "total_minor": _("Total"), "sales": _("Sales"), "returned": _("Return"),
        "last_number": _("Last number"), "void": _("What was taken out"),
        "basket": _("Sale on hold"), "held_by": _("Put on hold by"),
        "fence": _("Turn at the till"),
        "took_over": _("Took over"), "event": _("Event"), "accounts": _("Accounts"), "table": _("List"),
        "report": _("Report"),
        "tables": _("Tables"), "filters": _("Filters"), "export": _("Export"), "whole": _("All or nothing"),
        "stored": _("Stored"), "refused": _("Refused"), "problem": _("Problem"), "size": _("Size in bytes"),
        "sha256": _("Checksum"), "hash": _("Checksum"), "seq": _("Number"), "key": _("Key"), "mailed": _("Mails sent"),
        "levels": _("Forecasts of"), "run": _("Run"),
        "journals": _("Journals of the tills"), "at_once": _("At once"), "removed": _("Removed"),
        "left_over": _("Left over"), "follows_business": _("As the business has it"),
        "day": _("Day"), "before": _("Before"), "after": _("After"), "payment": _("Card payment"),
        "outcome": _("What became of it"),
    }  # fmt: skip

"""The bodies of the sales API as JSON Schema, for its description; retail/sales/reading.py is what reads them."""

from __future__ import annotations

from typing import Any, Final

_MOST: Final = 10**15
_ID: Final = {"type": "string", "format": "uuid"}
_MINOR: Final = {"type": "integer", "minimum": -_MOST, "maximum": _MOST, "description": "Minor units."}
_QUANTITY: Final = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,3})?$", "examples": ["3", "0.762"]}
_NAMED: Final[dict[str, Any]] = {
    "lot": {"type": "string", "maxLength": 60, "description": "The lot, as its label has it."},
    "serials": {
        "type": "array",
        "items": {"type": "string", "maxLength": 60},
        "description": "The serial number of each piece.",
    },
}
_CHOICES: Final[dict[str, Any]] = {
    "type": "array",
    "maxItems": 40,
    "description": "What was chosen with it; the prices are inside `unit_price`.",
    "items": {
        "type": "object",
        "required": ["id", "name", "price"],
        "properties": {
            "id": _ID,
            "name": {"type": "string"},
            "price": _MINOR,
            "quantity": {"type": "integer", "minimum": 1, "default": 1},
        },
    },
}
_TENDERS: Final[dict[str, Any]] = {
    "type": "array",
    "maxItems": 20,
    "items": {
        "type": "object",
        "required": ["type", "amount"],
        "properties": {
            "type": {"type": "string", "examples": ["cash", "card"]},
            "amount": _MINOR,
            "change": {**_MINOR, "minimum": 0, "default": 0},
            "reference": {"type": "string", "maxLength": 100},
            "attempt": {**_ID, "description": "The try at a card terminal that it came of."},
            "tip": {**_MINOR, "minimum": 0, "default": 0, "description": "What of it is for the staff."},
            "value": {**_ID, "description": "With gift_card, store_credit or account: which one it was taken from."},
            "layaway": {**_ID, "description": "With down_payment: the kept goods that were paid for."},
            "currency": {"type": "string", "description": "With foreign_cash: which notes were handed over."},
            "foreign_amount": {**_MINOR, "minimum": 1, "description": "In the minor units of that currency."},
            "rate_billionths": {"type": "integer", "minimum": 1, "description": "What one of it was worth."},
        },
    },
}
_SALE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "till", "number", "occurred_at", "lines", "tenders", "total"],
    "properties": {
        "id": _ID,
        "till": _ID,
        "shift": {"anyOf": [_ID, {"type": "null"}]},
        "number": {"type": "integer", "minimum": 1, "description": "The till's own series, contiguous."},
        "occurred_at": {"type": "string", "format": "date-time"},
        "customer": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "items": {
                "type": "object",
                "required": ["quantity", "unit_price"],
                "properties": {
                    "id": _ID,
                    "product": {"anyOf": [_ID, {"type": "null"}]},
                    "name": {"type": "string", "description": "Needed where there is no product."},
                    "sku": {"type": "string", "description": "Names an unknown product that has no name."},
                    "quantity": _QUANTITY,
                    "unit_price": {**_MINOR, "minimum": 0},
                    "discount": {**_MINOR, "minimum": 0},
                    "list_price": {**_MINOR, "description": "The list's price, where somebody charged another one."},
                    "tax_code": {"type": "string", "description": "Used where there is no known product."},
                    "choices": _CHOICES,
                    "note": {"type": "string", "maxLength": 200},
                    "parent": {**_ID, "description": "The line that it goes with: a deposit with its bottle."},
                    "by_hand": {"type": "boolean", "description": "Weighed by hand although the till has a scale."},
                    **_NAMED,
                    "offers": {
                        "type": "array",
                        "maxItems": 50,
                        "description": "What offers took off, inside the discount.",
                        "items": {
                            "type": "object",
                            "required": ["offer", "version", "amount"],
                            "properties": {
                                "offer": _ID,
                                "version": {"type": "integer", "minimum": 1},
                                "amount": {**_MINOR, "minimum": 1},
                            },
                        },
                    },
                },
            },
        },
        "tenders": _TENDERS,
        "total": _MINOR,
        "cash_rounding": _MINOR,
        "discount": {**_MINOR, "description": "The basket's discount; already inside the lines' discounts."},
        "approvals": {
            "type": "array",
            "description": "Of what the cashier may not do alone; without a valid one it is `approval_missing`.",
            "items": {
                "type": "object",
                "required": ["id", "permission"],
                "properties": {"id": _ID, "permission": {"type": "string", "examples": ["discount", "override_price"]}},
            },
        },
        "layaway": {"anyOf": [_ID, {"type": "null"}], "description": "The kept goods that it hands over."},
        "why": {"type": "string", "maxLength": 200, "description": "Why prices or discounts were changed by hand."},
        "fiscal_position": {"anyOf": [_ID, {"type": "null"}], "description": "Another way to tax: GET /catalogue."},
        "exemption": {"anyOf": [_ID, {"type": "null"}], "description": "The customer's exemption from a tax."},
        "price_group": {"type": "string", "maxLength": 40, "description": "The group whose price lists were asked."},
        "checks": {
            "type": "object",
            "description": "What the cashier checked: `age`, from which on the customer may buy.",
            "properties": {"age": {"type": "integer", "minimum": 1, "maximum": 120}},
        },
        "coupons": {"type": "array", "maxItems": 20, "items": {"type": "string"}, "description": "Codes of coupons."},
        "promotions": {"type": "integer", "description": "Version of the set of offers that the till used."},
        "receipt_link": {
            "type": "string",
            "description": "SHA-256 (hex) of the receipt's public token.",
        },
        "engine": {"type": "string", "description": "Version of the pricing rules at the till."},
    },
}
_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Sale": _SALE,
    "SaleBatch": {
        "type": "object",
        "required": ["sales"],
        "properties": {"sales": {"type": "array", "minItems": 1, "maxItems": 500, "items": _SALE}},
    },
    "Return": {
        "type": "object",
        "required": ["id", "till", "lines"],
        "properties": {
            "id": _ID,
            "till": _ID,
            "shift": {"anyOf": [_ID, {"type": "null"}], "description": "The till's open shift where it is missing."},
            "approval": {
                "anyOf": [_ID, {"type": "null"}],
                "description": "For a refund above your limit: POST /approvals.",
            },
            "lines": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["line", "quantity"],
                    "properties": {"line": _ID, "quantity": _QUANTITY, **_NAMED},
                },
            },
            "tenders": {**_TENDERS, "description": "What is paid out; all in cash where it is empty."},
        },
    },
    "Closing": {
        "type": "object",
        "required": ["counted"],
        "properties": {
            "counted": {**_MINOR, "minimum": 0},
            "denominations": {
                "type": "object",
                "description": "Pieces by value in minor units.",
                "additionalProperties": {"type": "integer", "minimum": 0},
            },
            "left": {**_MINOR, "minimum": 0, "description": "What of it stays in the drawer as the next float."},
        },
    },
    "Count": {
        "type": "object",
        "required": ["id", "counted"],
        "properties": {
            "id": _ID,
            "counted": {**_MINOR, "minimum": 0},
            "denominations": {
                "type": "object",
                "description": "Pieces by value in minor units.",
                "additionalProperties": {"type": "integer", "minimum": 0},
            },
        },
    },
    "Delivery": {
        "type": "object",
        "required": ["device", "fence", "records"],
        "properties": {
            "device": _ID,
            "fence": {"type": "integer", "minimum": 0},
            "records": {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "required": ["seq", "kind", "id", "at", "payload", "prev_hash", "hash"],
                    "properties": {
                        "seq": {"type": "integer", "minimum": 1},
                        "kind": {"type": "string"},
                        "id": _ID,
                        "at": {"type": "string"},
                        "payload": {"type": "string", "description": "Exact JSON text, as it was hashed."},
                        "prev_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        "signature": {"type": "string", "description": "An enrolled device's, over the hash."},
                    },
                },
            },
        },
    },
}


SALE_MEMBERS: Final = frozenset(_SALE["properties"])
LINE_MEMBERS: Final = frozenset(_SALE["properties"]["lines"]["items"]["properties"])
TENDER_MEMBERS: Final = frozenset(_TENDERS["items"]["properties"])


def body(name: str) -> dict[str, Any]:
    """Describe a request body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMAS[name]}}}}

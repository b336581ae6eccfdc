"""A receipt as blocks, without words and formatted amounts: docs/algorithms/receipts.md, 4. The till has the same.

Everything here is plain JSON, so that the till's engine can be compared with it case by case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Plain = Mapping[str, Any]
Block = dict[str, Any]
BLOCKS_VERSION: Final = "1"


def blocks(facts: Plain, template: Plain, *, copy: int = 0, gift: bool = False) -> list[Block]:
    """Describe a receipt. `copy` counts reprints, 0 is the original; `gift` leaves every amount out."""
    rule: Block = {"kind": "rule"}
    made = [*_head(facts, template), *_marks(facts, copy, gift=gift), *_said(facts, template, gift=gift), rule]
    made += [_item(line, gift=gift) for line in facts["lines"]]
    made.append(rule)
    if not gift:
        made += [*_sums(facts, template), *_tenders(facts), rule, *_taxes(facts), *_kept(facts)]
    return [*made, *_end(facts, template, gift=gift)]


def _head(facts: Plain, template: Plain) -> list[Block]:
    store = facts["store"]
    lines = [
        *([store] if store and store != facts["business"] else []),
        *_lines(template["heading"]),
        *(_lines(facts["address"]) if template["address"] else []),
    ]
    made: list[Block] = [{"kind": "logo"}] if template["logo"] else []
    made.append({"kind": "heading", "title": facts["business"], "lines": lines})
    if template["tax_number"] and facts["tax_number"]:
        made.append({"kind": "said", "what": "tax_number", "text": facts["tax_number"]})
    return made


def _marks(facts: Plain, copy: int, *, gift: bool) -> list[Block]:
    made: list[Block] = [{"kind": "mark", "what": "gift"}] if gift else []
    if copy:
        made.append({"kind": "mark", "what": "copy", "n": copy})
    if facts["kind"] == "return":
        made.append({"kind": "mark", "what": "return", "text": facts["original"]})
    if facts["kind"] == "payment":
        what = "payment_back" if facts["layaway"]["cancels"] else "payment"
        made.append({"kind": "mark", "what": what, "text": facts["layaway"]["number"]})
    return made


def _said(facts: Plain, template: Plain, *, gift: bool) -> list[Block]:
    made: list[Block] = [{"kind": "said", "what": "number", "text": facts["label"], "at": facts["at"]}]
    if template["cashier"] and facts["cashier"]:
        made.append({"kind": "said", "what": "cashier", "text": facts["cashier"]})
    if template["customer"] and facts["customer"] and not gift:
        made.append({"kind": "said", "what": "customer", "text": facts["customer"]})
    return made


def _item(line: Plain, *, gift: bool) -> Block:
    made: Block = {"kind": "item", "name": line["name"], "more": list(line["more"])}
    if line["quantity"] != 1000 or line["decimals"]:
        each = {"quantity": line["quantity"], "unit": line["unit"] if line["decimals"] else ""}
        made["each"] = each if gift else each | {"price": line["price"]}
    if gift:
        return made
    off: list[Block] = [{"what": "offer", "name": one["name"], "amount": -one["amount"]} for one in line["offers"]]
    if line["off"]:
        off.append({"what": "discount", "amount": -line["off"]})
    return made | {"amount": line["amount"], "off": off}


def _sums(facts: Plain, template: Plain) -> list[Block]:
    made: list[Block] = []
    if facts["kind"] == "payment":
        made.append({"kind": "sum", "what": "goods", "amount": facts["layaway"]["total"]})
    elif not facts["inclusive"]:
        made.append({"kind": "sum", "what": "subtotal", "amount": facts["subtotal"]})
        made += [
            {"kind": "sum", "what": "tax", "amount": one["tax"], "name": one["name"],
             "rate_micros": one["rate_micros"], "parts": list(one["parts"])}
            for one in facts["taxes"]
        ]  # fmt: skip
    if facts["rounding"]:
        made.append({"kind": "sum", "what": "rounding", "amount": facts["rounding"]})
    made.append({"kind": "sum", "what": _strong(facts), "amount": facts["total"] + facts["rounding"], "strong": True})
    if template["saved"] and facts["saved"] > 0 and any(line["offers"] for line in facts["lines"]):
        made.append({"kind": "sum", "what": "saved", "amount": facts["saved"]})
    if facts["tip"]:
        made.append({"kind": "sum", "what": "tip", "amount": facts["tip"]})
    return made


def _strong(facts: Plain) -> str:
    """Name the sum that the receipt is about."""
    if facts["kind"] == "payment":
        return "refund" if facts["layaway"]["cancels"] else "down_payment"
    return "refund" if facts["kind"] == "return" else "total"


def _kept(facts: Plain) -> list[Block]:
    """Say how it stands with kept goods, after this."""
    if facts["kind"] != "payment":
        return []
    kept = facts["layaway"]
    made: list[Block] = [{"kind": "sum", "what": "paid", "amount": kept["paid"]}]
    if kept["cancels"]:
        return made + ([{"kind": "sum", "what": "fee", "amount": kept["fee"]}] if kept["fee"] else [])
    made.append({"kind": "sum", "what": "due", "amount": kept["due"]})
    return made + ([{"kind": "said", "what": "until", "text": kept["until"]}] if kept["until"] else [])


def _tenders(facts: Plain) -> list[Block]:
    made: list[Block] = []
    for one in facts["tenders"]:
        if not one["amount"]:
            continue
        tender: Block = {"kind": "tender", "type": one["type"], "amount": one["amount"], "by_hand": one["by_hand"]}
        if one["currency"]:
            tender["foreign"] = {
                "currency": one["currency"], "amount": one["foreign"], "rate_billionths": one["rate_billionths"],
            }  # fmt: skip
        made.append(tender)
    change = sum(one["change"] for one in facts["tenders"])
    if change:
        made.append({"kind": "sum", "what": "change", "amount": change})
    return made


def _taxes(facts: Plain) -> list[Block]:
    made: list[Block] = []
    if facts["inclusive"]:
        made += [
            {"kind": "tax", "name": one["name"], "rate_micros": one["rate_micros"], "base": one["base"],
             "tax": one["tax"], "parts": list(one["parts"])}
            for one in facts["taxes"]
        ]  # fmt: skip
    if facts["exempt"]:
        made.append({"kind": "said", "what": "exempt", "text": facts["exempt"]})
    return made


def _end(facts: Plain, template: Plain, *, gift: bool) -> list[Block]:
    made: list[Block] = []
    if gift or template["barcode"]:
        what = "exchange" if gift else "number"
        made.append({"kind": "code", "form": "barcode", "what": what, "text": facts["label"]})
    if template["qr"] and facts["link"] and not gift:
        made.append({"kind": "code", "form": "qr", "what": "page", "text": facts["link"]})
    lines = _lines(template["footer"])
    if lines:
        made.append({"kind": "footer", "lines": lines})
    if facts["proof"] and not gift:
        made.append({"kind": "said", "what": "proof", "text": facts["proof"]})
    return made


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]

"""Writes receipts.json: facts, templates and options at random, with the blocks of a referee that shares no code.

The referee makes the whole list of everything that a receipt could have, each with its condition, and leaves out what
doesn't hold; the engines go part by part. `python -m tests.vectors.make_receipt_vectors`
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent / "receipts.json"
CASES: Final = 144
PAYMENTS: Final = 24
SEED: Final = 20261121
Plain = dict[str, Any]
_FLAGS: Final = ("logo", "address", "tax_number", "cashier", "customer", "saved", "barcode", "qr")
_TEXTS: Final = ("", "One line", "Two\nlines", "  spaces \n\n and a blank one ", "قهوة\nخبز", "Grüße & <b>“”</b>")


def some_line(dice: random.Random, side: int) -> Plain:
    weighed = dice.random() < 0.3
    quantity = side * (dice.randint(1, 2500) if weighed else 1000 * dice.choice([1, 1, 2, 12]))
    price = dice.choice([0, 1, 99, 420, 19900])
    off = dice.choice([0, 0, 0, 7, 250]) * side
    offers = [{"name": dice.choice(["3 for 2", "Happy hour"]), "amount": side * dice.randint(1, 99)}
              for _ in range(dice.choice([0, 0, 1, 2]))]  # fmt: skip
    return {"name": dice.choice(["Loaf", "Käse", "حليب", "A name that is much longer than a line of paper can be"]),
            "quantity": quantity, "unit": "kg" if weighed else "each", "decimals": weighed, "price": price,
            "amount": side * ((2 * abs(quantity) * price + 1000) // 2000), "off": off, "offers": offers,
            "more": dice.choice([[], ["+ Oat milk"], ["+ 2 \N{MULTIPLICATION SIGN} Syrup", "For Anna"]])}  # fmt: skip


def some_tax(dice: random.Random, side: int) -> Plain:
    parts = [{"name": "State", "rate_micros": 40000, "tax": 4}, {"name": "City", "rate_micros": 20000, "tax": 2}]
    return {"name": dice.choice(["", "Reduced", "Standard 19 %"]), "rate_micros": dice.choice([0, 70000, 190000]),
            "base": side * dice.randint(0, 9999), "tax": side * dice.randint(0, 999),
            "parts": dice.choice([[], parts])}  # fmt: skip


def some_tender(dice: random.Random) -> Plain:
    type = dice.choice(["cash", "card", "gift_card", "foreign_cash"])
    foreign = type == "foreign_cash"
    return {"type": type, "amount": dice.choice([0, 500, 1507]), "change": dice.choice([0, 0, 93]),
            "by_hand": type == "card" and dice.random() < 0.5, "currency": "USD" if foreign else "",
            "foreign": 1000 if foreign else 0, "rate_billionths": 920_000_000 if foreign else 0}  # fmt: skip


def some_facts(dice: random.Random) -> Plain:
    back = dice.random() < 0.2
    side = -1 if back else 1
    return {
        "kind": "return" if back else "sale", "layaway": None,
        "original": "T1-000016" if back and dice.random() < 0.7 else "",
        "label": dice.choice(["T1-000017", "KASSE-2-R000003"]), "at": "2026-11-21T09:30:00.000Z",
        "business": "Corner Shop", "store": dice.choice(["", "Corner Shop", "Altona"]),
        "address": dice.choice(_TEXTS), "tax_number": dice.choice(["", "DE123456789"]),
        "cashier": dice.choice(["", "Ben"]), "customer": dice.choice(["", "Lena Marsh"]),
        "lines": [some_line(dice, side) for _ in range(dice.randint(1, 4))], "inclusive": dice.random() < 0.6,
        "subtotal": side * dice.randint(0, 9999), "total": side * dice.randint(0, 9999),
        "rounding": dice.choice([0, 0, 2, -2]), "tip": dice.choice([0, 0, 100]), "saved": dice.choice([0, 30, -30]),
        "taxes": [some_tax(dice, side) for _ in range(dice.randint(0, 3))],
        "exempt": dice.choice(["", "", "Certificate 12/345"]),
        "tenders": [some_tender(dice) for _ in range(dice.randint(0, 3))],
        "link": dice.choice(["", "https://shop.example/r/k3yJ"]), "proof": dice.choice(["", "0123456789ab"]),
    }  # fmt: skip


def some_payment(dice: random.Random) -> Plain:
    """Give the facts of money for kept goods, or of money that goes back for them."""
    cancels = dice.random() < 0.4
    total, paid = dice.randint(1, 99_999), dice.randint(0, 9_999)
    fee = dice.choice([0, paid // 10]) if cancels else 0
    kept = {"number": dice.choice(["L-12", "L-1"]), "total": total, "paid": paid, "fee": fee, "cancels": cancels,
            "due": 0 if cancels else max(0, total - paid),
            "until": dice.choice(["2026-12-24", "2026-12-24", ""])}  # fmt: skip
    amount = fee - paid if cancels else dice.randint(1, 9_999)
    lines = [some_line(dice, 1) for _ in range(dice.randint(1, 3))]
    nothing: Plain = {"kind": "payment", "original": "", "taxes": [], "exempt": "", "tip": 0, "saved": 0}
    return some_facts(dice) | nothing | {"layaway": kept, "total": amount, "subtotal": amount, "lines": lines}


def some_template(dice: random.Random) -> Plain:
    flags = {name: dice.random() < 0.6 for name in _FLAGS}
    return {**flags, "heading": dice.choice(_TEXTS), "footer": dice.choice(_TEXTS)}


def words(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def item(line: Plain, gift: bool) -> Plain:
    whole_piece = line["quantity"] == 1000 and not line["decimals"]
    each = {"quantity": line["quantity"], "unit": line["unit"] if line["decimals"] else "", "price": line["price"]}
    off = [{"what": "offer", "name": one["name"], "amount": 0 - one["amount"]} for one in line["offers"]]
    off += [{"what": "discount", "amount": 0 - line["off"]}] if line["off"] != 0 else []
    full = {"kind": "item", "name": line["name"], "more": line["more"], "each": each, "amount": line["amount"],
            "off": off}  # fmt: skip
    if gift:
        full = {key: full[key] for key in ("kind", "name", "more", "each")}
        full["each"] = {key: each[key] for key in ("quantity", "unit")}
    if whole_piece:
        del full["each"]
    return full


def tender(one: Plain) -> Plain:
    plain = {"kind": "tender", "type": one["type"], "amount": one["amount"], "by_hand": one["by_hand"]}
    foreign = {"currency": one["currency"], "amount": one["foreign"], "rate_billionths": one["rate_billionths"]}
    return {**plain, "foreign": foreign} if one["currency"] else plain


def expected(facts: Plain, template: Plain, copy: int, gift: bool) -> list[Plain]:
    f, t = facts, template
    paid, back, beside = not gift, f["kind"] == "return", f["store"] not in {"", f["business"]}
    change = sum(one["change"] for one in f["tenders"])
    offered = sum(len(line["offers"]) for line in f["lines"]) > 0
    lines = [f["store"]] * beside + words(t["heading"]) + words(f["address"]) * t["address"]
    rule: Plain = {"kind": "rule"}
    kept = f["layaway"] if f["kind"] == "payment" else None
    going, coming = bool(kept and kept["cancels"]), bool(kept and not kept["cancels"])
    strong = "down_payment" if coming else "refund" if back or going else "total"

    def summed(what: str, amount: Any, **more: Any) -> Plain:
        return {"kind": "sum", "what": what, "amount": amount, **more}

    def said(what: str, text: Any, **more: Any) -> Plain:
        return {"kind": "said", "what": what, "text": text, **more}

    every: list[tuple[Any, Plain]] = [
        (t["logo"], {"kind": "logo"}),
        (True, {"kind": "heading", "title": f["business"], "lines": lines}),
        (t["tax_number"] and f["tax_number"], said("tax_number", f["tax_number"])),
        (gift, {"kind": "mark", "what": "gift"}),
        (copy > 0, {"kind": "mark", "what": "copy", "n": copy}),
        (back, {"kind": "mark", "what": "return", "text": f["original"]}),
        (kept, {"kind": "mark", "what": "payment" + "_back" * going, "text": (kept or {}).get("number")}),
        (True, said("number", f["label"], at=f["at"])),
        (t["cashier"] and f["cashier"], said("cashier", f["cashier"])),
        (paid and t["customer"] and f["customer"], said("customer", f["customer"])),
        (True, rule),
        *((True, item(line, gift)) for line in f["lines"]),
        (True, rule),
        (paid and kept, summed("goods", (kept or {}).get("total"))),
        (paid and not kept and not f["inclusive"], summed("subtotal", f["subtotal"])),
        *(
            (
                paid and not f["inclusive"],
                summed("tax", one["tax"], **{k: one[k] for k in ("name", "rate_micros", "parts")}),
            )
            for one in f["taxes"]
        ),
        (paid and f["rounding"], summed("rounding", f["rounding"])),
        (paid, summed(strong, f["total"] + f["rounding"], strong=True)),
        (paid and t["saved"] and offered and f["saved"] > 0, summed("saved", f["saved"])),
        (paid and f["tip"], summed("tip", f["tip"])),
        *((paid and one["amount"], tender(one)) for one in f["tenders"]),
        (paid and change, summed("change", change)),
        (paid, rule),
        *((paid and f["inclusive"], {"kind": "tax", **one}) for one in f["taxes"]),
        (paid and f["exempt"], said("exempt", f["exempt"])),
        (paid and kept, summed("paid", (kept or {}).get("paid"))),
        (paid and going and (kept or {}).get("fee"), summed("fee", (kept or {}).get("fee"))),
        (paid and coming, summed("due", (kept or {}).get("due"))),
        (paid and coming and (kept or {}).get("until"), said("until", (kept or {}).get("until"))),
        (gift, {"kind": "code", "form": "barcode", "what": "exchange", "text": f["label"]}),
        (paid and t["barcode"], {"kind": "code", "form": "barcode", "what": "number", "text": f["label"]}),
        (paid and t["qr"] and f["link"], {"kind": "code", "form": "qr", "what": "page", "text": f["link"]}),
        (words(t["footer"]), {"kind": "footer", "lines": words(t["footer"])}),
        (paid and f["proof"], said("proof", f["proof"])),
    ]
    return [block for holds, block in every if holds]


def cases() -> list[Plain]:
    dice = random.Random(SEED)
    made = []
    for _ in range(CASES - PAYMENTS):
        facts, template = some_facts(dice), some_template(dice)
        copy, gift = dice.choice([0, 0, 0, 1, 2]), dice.random() < 0.2
        made.append({"facts": facts, "template": template, "copy": copy, "gift": gift,
                     "blocks": expected(facts, template, copy, gift)})  # fmt: skip
    for _ in range(PAYMENTS):
        facts, template, copy = some_payment(dice), some_template(dice), dice.choice([0, 0, 1])
        made.append({"facts": facts, "template": template, "copy": copy, "gift": False,
                     "blocks": expected(facts, template, copy, gift=False)})  # fmt: skip
    return made


def document() -> str:
    """Give the file's text."""
    rows = ",\n".join(json.dumps(case, separators=(",", ":"), sort_keys=True) for case in cases())
    return f'{{"version": "1", "cases": [\n{rows}\n]}}\n'


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")

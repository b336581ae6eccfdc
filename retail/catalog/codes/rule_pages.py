"""Pages of the rules by which codes are read and made, with a field to try a scan in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from retail.catalog.codes import rulebook
from retail.catalog.codes.finding import Found, find
from retail.catalog.codes.layouts import MOST_DECIMALS, Layout
from retail.catalog.codes.numbering import Rule, code_rule
from retail.catalog.codes.series import sku_of
from retail.catalog.handlers import uuid_in
from retail.kit.barcode import SHOP_PREFIXES, gtin_kind
from retail.kit.errors import Conflict, Invalid
from retail.kit.ids import new_id
from retail.kit.quantity import from_milli
from retail.kit.text import _
from retail.runtime.web.context import db, scope
from retail.runtime.web.forms import Fields
from retail.runtime.web.responses import redirect, render

RULES: Final = "/products/barcode-rules"
SERIES: Final = "/products/codes"
_LONGEST_SCAN: Final = 400

Errors = dict[str, list[str]]


async def index(request: Request) -> Response:
    """Show the rules in their order, and what the code in the address means by them."""
    return await _rules(request, {}, {})


async def reading(request: Request) -> Response:
    """Show what a scan means: the part of the page below the field."""
    return render(request, "catalog/codes/_reading.html", **await _read(request))


async def create(request: Request) -> Response:
    """Add a rule as the last one."""
    fields = await Fields.read(request)
    try:
        await _save(request, fields, new_id())
    except Invalid as wrong:
        return await _rules(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _rules(request, fields.values, {"pattern": [refused.sentence()]}, 422)
    return redirect(request, RULES, said=_("The rule is added. The tills take it with what they next hear."))


async def edit(request: Request) -> Response:
    """Show a rule's form."""
    async with db(request).read(scope(request)) as read:
        rule = await rulebook.layout_rule(read, uuid_in(request))
    decimals = "" if rule.layout.decimals is None else str(rule.layout.decimals)
    values = {"name": rule.name, "pattern": rule.layout.pattern, "decimals": decimals}
    return _rule(request, rule, values, {})


async def update(request: Request) -> Response:
    """Change a rule."""
    async with db(request).read(scope(request)) as read:
        rule = await rulebook.layout_rule(read, uuid_in(request))
    fields = await Fields.read(request)
    try:
        await _save(request, fields, rule.id)
    except Invalid as wrong:
        return _rule(request, rule, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return _rule(request, rule, fields.values, {"pattern": [refused.sentence()]}, 422)
    return redirect(request, RULES, said=_("%(name)s is saved.") % {"name": fields.raw("name").strip()})


async def move(request: Request) -> Response:
    """Put a rule before the one above it, or behind the one below."""
    fields = await Fields.read(request)
    way = fields.choice("way", ("up", "down"))
    fields.check()
    try:
        await db(request).run(scope(request), rulebook.move_layout, uuid_in(request), "up" if way == "up" else "down")
    except Conflict as refused:
        return redirect(request, RULES, said=refused.sentence(), tone="warn")
    return redirect(request, RULES)


async def remove(request: Request) -> Response:
    """Take a rule away."""
    await db(request).run(scope(request), rulebook.remove_layout, uuid_in(request))
    return redirect(request, RULES, said=_("The rule is removed."))


async def series(request: Request) -> Response:
    """Show how SKUs and own barcodes are made."""
    async with db(request).read(scope(request)) as read:
        rule = await code_rule(read)
    return await _series(request, _of_rule(rule), {})


def _of_rule(rule: Rule) -> dict[str, str]:
    told = {"always": rule.always, "matching": rule.matching}
    return {"prefix": rule.prefix} | {name: "on" if held else "" for name, held in told.items()}


async def update_rule(request: Request) -> Response:
    """Have own barcodes begin otherwise, or be given to every new product without one."""
    fields = await Fields.read(request)
    try:
        prefix = fields.choice("prefix", SHOP_PREFIXES)
        fields.check()
        await db(request).run(
            scope(request),
            rulebook.set_code_rule,
            prefix,
            always=fields.flag("always"),
            matching=fields.flag("matching"),
        )
    except Invalid as wrong:
        return await _series(request, fields.values, wrong.errors, 422)
    except Conflict as refused:
        return await _series(request, fields.values, {"prefix": [refused.sentence()]}, 422)
    return redirect(request, SERIES, said=_("Saved. Barcodes that were made so far stay as they are."))


async def update_letters(request: Request) -> Response:
    """Give the next SKUs of categories other letters: all that were typed, or none where one can't be."""
    fields = await Fields.read(request)
    async with db(request).read(scope(request)) as read:
        known = await rulebook.category_series(read)
    typed = {one.category: fields.raw(f"letters-{one.category}").strip() for one in known}
    wanted = {
        one.category: typed[one.category].upper()
        for one in known
        if f"letters-{one.category}" in fields and (typed[one.category] or one.letters)
    }
    try:
        await db(request).run(scope(request), rulebook.set_letters, wanted)
    except Invalid as wrong:
        tried = {id: (typed[id], {"letters": wrong.errors.get(str(id), [])}) for id in wanted}
        return await _series(request, {}, {}, 422, letters=tried)
    return redirect(request, SERIES, said=_("The next SKUs are made with these letters."))


async def _save(request: Request, fields: Fields, id: UUID) -> None:
    name = fields.text("name", 60, required=True)
    pattern = fields.text("pattern", 40, required=True).replace(" ", "").upper()
    decimals = fields.text("decimals", 1)
    if decimals and decimals not in {str(number) for number in range(MOST_DECIMALS + 1)}:
        fields.error("decimals", _("Pick one of the choices."))
    fields.check()
    await db(request).run(
        scope(request), rulebook.save_layout, id, name, f"{pattern}.{decimals}" if decimals else pattern
    )


def _usual() -> list[tuple[str, str, str]]:
    """Name layouts that scales commonly print: name, pattern, for whom."""
    return [
        (_("Weight in grams"), "21IIIIIWWWWWC", _("most scales")),
        (_("Price"), "22IIIIIPPPPPC", _("most scales")),
        (_("Price with a digit that vouches for it"), "20IIIIIVPPPPC", _("United Kingdom, scales with price check")),
        (_("Price, UPC-A"), "02IIIIIVPPPPC", _("United States and Canada")),
        (_("Weight in tens of grams"), "23IIIIIIWWWWC.2", _("long article numbers")),
    ]


def words_of(layout: Layout) -> str:
    """Say what a layout reads in words."""
    count = layout.pattern.count(layout.kind)
    said = {
        ("W", False): _("%(digits)d digits of weight"),
        ("W", True): _("%(digits)d digits of weight, which a digit vouches for"),
        ("P", False): _("%(digits)d digits of price"),
        ("P", True): _("%(digits)d digits of price, which a digit vouches for"),
    }
    article = _("%(digits)d digits of the article") % {"digits": layout.pattern.count("I")}
    return f"{article}, {said[layout.kind, layout.verified] % {'digits': count}}"


async def _read(request: Request) -> dict[str, Any]:
    code = request.query_params.get("code", "")[:_LONGEST_SCAN]
    if not code.strip():
        return {"code": "", "found": None, "rule": None, "kind": "", "measures": []}
    async with db(request).read(scope(request)) as read:
        found = await find(read, code)
        rules = await rulebook.layout_rules(read)
    rule = next((one for one in rules if one.layout == found.reading.layout), None)
    return {"code": code, "found": found, "rule": rule, "kind": _kind_of(found), "measures": _measures(found)}


def _measures(found: Found) -> list[tuple[str, Decimal, str]]:
    """Name what the code says there is: words, amount, unit as it is written behind it."""
    own = found.article.unit if found.article and found.article.decimals else ""
    words = {"each": _("Pieces"), "m": _("Length"), "l": _("Volume")}
    return [
        (words.get(unit, _("Weight")), from_milli(milli), own if unit == "own" else "" if unit == "each" else unit)
        for unit, milli in found.reading.measures.items()
    ]


def _kind_of(found: Found) -> str:
    reading = found.reading
    if reading.misread:
        return _("A misread: scan it again")
    if reading.elements:
        return _("GS1 elements")
    if reading.layout:
        return _("A label of your own")
    if kind := gtin_kind(reading.raw):
        return kind
    return _("A code of your own") if reading.sure else _("Digits that no check digit vouches for")


async def _rules(request: Request, values: dict[str, str], errors: Errors, status: int = 200) -> Response:
    async with db(request).read(scope(request)) as read:
        rules = await rulebook.layout_rules(read)
    known = {rule.layout.text for rule in rules}
    return render(
        request,
        "catalog/codes/rules.html",
        status,
        rules=[(rule, words_of(rule.layout)) for rule in rules],
        usual=[one for one in _usual() if one[1] not in known],
        values=values,
        errors=errors,
        decimals=_decimals(),
        **await _read(request),
    )


def _rule(request: Request, rule: rulebook.Rule, values: dict[str, str], errors: Errors, status: int = 200) -> Response:
    return render(
        request, "catalog/codes/rule.html", status, rule=rule, values=values, errors=errors, decimals=_decimals()
    )


def _decimals() -> list[tuple[str, str]]:
    return [(str(number), str(number)) for number in range(MOST_DECIMALS + 1)]


async def _series(
    request: Request,
    values: dict[str, str],
    errors: Errors,
    status: int = 200,
    letters: dict[UUID, tuple[str, Errors]] | None = None,
) -> Response:
    async with db(request).read(scope(request)) as read:
        found, rule = await rulebook.category_series(read), await code_rule(read)
    return render(
        request,
        "catalog/codes/series.html",
        status,
        series=[(one, [sku_of(one.letters or "", year, last) for year, last in one.last]) for one in found],
        prefixes=[(prefix, prefix) for prefix in SHOP_PREFIXES],
        values=values or _of_rule(rule),
        errors=errors,
        letters=letters or {},
    )

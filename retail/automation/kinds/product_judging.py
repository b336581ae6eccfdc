"""Judging rows of products: what each comes to, against what is there and against the file's other rows; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from retail.automation.kinds.base import Given, Reason, Terms, Verdict, compared, overtaken, read_cells
from retail.automation.kinds.named_pictures import join
from retail.automation.kinds.product_claims import Seen, spell
from retail.automation.kinds.product_columns import PRODUCTS
from retail.automation.kinds.product_reading import Known, codes_in, no_product, refers_to, small
from retail.automation.kinds.product_traits import TRAITS, traits_of
from retail.catalog.codes import skus
from retail.catalog.products.measuring import point_problem, unit_stays
from retail.catalog.products.traits import CONTENT_UNITS, GOODS, KIT, problems
from retail.catalog.products.tree import DEEPEST
from retail.catalog.rules import barcode_problem
from retail.kit.barcode import normalise
from retail.kit.ids import new_id
from retail.kit.text import _

PLANS: Final = "/billing"
TAXES: Final = "/products/taxes"
CHOICES: Final = "/products/choices"
NEEDED: Final = ("name", "price", "tax_class")
_MOST_CODES: Final = 40


class Judge:
    """Judges rows one by one; each may refer to those before it."""

    def __init__(self, known: Known, terms: Terms, seen: Seen, *, makes_new: bool) -> None:
        self._known, self._terms, self._seen, self._makes_new = known, terms, seen, makes_new
        self._by_sku = terms.match_by == "sku"
        self._counted = seen.made if terms.final else 0  # those are stored, and taken off the room, by now
        self._mapped = {column.name for column in terms.columns}
        self._traits = bool(self._mapped & TRAITS)

    def judge(self, row: Given) -> Verdict:
        """Say what a row comes to."""
        sku = row.cells.get("sku", "").strip()
        name = sku or row.cells.get("barcode", row.cells.get("barcodes", "")).strip()
        id, wrong = self._subject(row, sku)
        present = self._known.present.get(id) if id else None
        subject = id or row.subject or new_id()
        full, reasons = self._read(row, subject, present, wrong)
        verdict = Verdict(row.line, "refused", name, subject, reasons=reasons)
        if reasons:
            return verdict
        self._claim(row, full, subject, present)
        verdict.made = full
        if present is None:
            verdict.state = "new"
        else:
            verdict.name = skus.called(present["sku"], sku) if sku and self._by_sku else present["sku"]
            verdict.changes = compared(full, present, self._terms)
            verdict.state = "changed" if verdict.changes else "same"
            passing = () if self._by_sku else ("parts", "deposit")  # a row before may rename them
            for reason in overtaken(verdict.changes, row, passing):
                verdict.refuse(reason)
        return verdict

    def _read(
        self, row: Given, subject: UUID, present: Mapping[str, Any] | None, wrong: Reason | None
    ) -> tuple[dict[str, Any], list[Reason]]:
        """Read a row to a product's values, those that it doesn't name too, and all that is wrong with them."""
        values, reasons = read_cells(row if present is not None else self._filled(row), self._terms, present)
        if present is not None and self._by_sku:
            values["sku"] = present["sku"]  # whatever case the file writes it in
        if not row.cells.get("sku", "").strip() and (present is not None or not self._by_sku):
            values["sku"] = present["sku"] if present is not None else ""  # a new one gets the next of its series
            reasons = [one for one in reasons if one.column != "sku"]
        reasons += [wrong] if wrong else []
        if present is None and not wrong:
            reasons += self._lacking()
        reasons += self._twice(str(values.get("sku", "")), subject, present)
        self._resolve(row, values, present, subject, reasons)
        full = {**present, **values} if present is not None else {**self._blank(), **values}
        if not reasons:
            reasons += self._of_traits(full) if self._traits else []
            reasons += self._of_measures(full, present)
            reasons += self._of_family(row.line, full, subject)
            reasons += self._of_references(row, full)
        return full, reasons

    def _subject(self, row: Given, sku: str) -> tuple[UUID | None, Reason | None]:
        """Find the product that a row means, or say why there is none."""
        if self._by_sku:
            found = self._known.ids.meant(sku)
            lost = found is None and (not self._makes_new or self._known.ids.alike(sku))
            return found, Reason("sku", self._known.ids.problem(sku)) if lost else None
        owners = dict.fromkeys(
            owner for code in codes_in(row) if (owner := self._known.owners.get(normalise(code))) is not None
        )
        if len(owners) > 1:
            return None, Reason("barcodes", _("These barcodes belong to several products. Name one product's alone."))
        if owners:
            return next(iter(owners)), None
        wrong = None
        if not self._makes_new:
            wrong = no_product(row)
        elif not codes_in(row):
            wrong = no_product(row, "barcodes")
        elif self._known.ids.alike(sku):
            wrong = Reason("sku", _("This SKU belongs to a product that has none of these barcodes."))
        return None, wrong

    def _lacking(self) -> list[Reason]:
        lacking = [
            column.words
            for column in PRODUCTS
            if column.name in NEEDED and column.name not in self._mapped | set(self._terms.defaults)
        ]
        said = _("This product is new, and the file lacks the columns: %(names)s.") % {"names": ", ".join(lacking)}
        found = [Reason("", said)] if lacking else []
        here = self._known.shelf.room
        if here is not None and self._seen.made - self._counted >= here:
            full = _("Your plan %(plan)s has room for %(most)d products, and this would be one more.")
            found.append(Reason("", full % self._known.shelf.room_words, PLANS))
        return found

    def _blank(self) -> dict[str, Any]:
        return {column.name: column.sort.empty for column in self._terms.columns} | {
            "category": (), "barcodes": (), "unit": "each", "decimals": None, "kind": GOODS, "parts": (), "family": "",
            "options": (), "deposit": "", "favourite": False, "reorder_point": None, "unit_cost": 0,
        } | dict(self._terms.defaults)  # fmt: skip

    def _filled(self, row: Given) -> Given:
        """Give the row of a new product with what was chosen for the cells that it leaves empty."""
        empty = [name for name in self._terms.defaults if name in self._mapped and not row.cells.get(name, "").strip()]
        return replace(row, cells={**row.cells, **{name: self._terms.defaults[name] for name in empty}})

    def _twice(self, sku: str, subject: UUID, present: Mapping[str, Any] | None) -> list[Reason]:
        stays = present is not None and present["sku"] == sku
        first = self._seen.skus.get(sku if stays else skus.small(sku)) or self._seen.subjects.get(subject)
        if first is not None:
            return [
                Reason(
                    "sku",
                    _("This product stands in the file twice; the row on line %(line)d counts.") % {"line": first},
                )
            ]
        alike = self._known.ids.alike(sku) if present and not stays else ()
        if any(self._known.ids[one] != subject for one in alike):
            return [Reason("sku", _("This SKU belongs to another product."))]
        return []

    def _resolve(
        self,
        row: Given,
        values: dict[str, Any],
        present: Mapping[str, Any] | None,
        subject: UUID,
        reasons: list[Reason],
    ) -> None:
        """Bring names to what they name: taxes, groups, choices, units; and look at barcodes."""
        shelf = self._known.shelf
        if tax := values.get("tax_class"):
            found = shelf.taxes.get(tax.lower())
            if found:
                values["tax_class"] = found[1]
            else:
                said = _("There is no tax class %(code)s. Make it first.")
                reasons.append(Reason("tax_class", said % {"code": tax}, TAXES))
        if path := values.get("category"):
            self._resolve_path(path, values, reasons)
        if "barcodes" in values:
            reasons += self._of_codes(row.line, values["barcodes"], subject, present)
        if named := values.get("choices"):
            unknown = [name for name in named if name.lower() not in shelf.choices]
            values["choices"] = tuple(shelf.choices[name.lower()][1] for name in named if name.lower() in shelf.choices)
            if unknown:
                said = _("There are no choices %(name)s. Make them first.")
                reasons.append(Reason("choices", said % {"name": unknown[0]}, CHOICES))
        if values.get("content") and values["content"][1] not in CONTENT_UNITS:
            said = _("Write one of: %(options)s.")
            reasons.append(Reason("content", said % {"options": ", ".join(CONTENT_UNITS)}))
        spell(values, (self._known.ids, self._seen.ids))
        if "images" in values:
            reasons += join(values, present, subject, self._terms.pictures)

    def _resolve_path(self, path: tuple[str, ...], values: dict[str, Any], reasons: list[Reason]) -> None:
        """Find a group by its path from the top; one that isn't there is made, with those above, if the row is good.

        A name alone means the one at the top, or the only one that was there under this name before the file.
        """
        shelf, groups = self._known.shelf, self._seen.groups
        found = [shelf.groups[small(path)]] if small(path) in shelf.groups else []
        if not found and len(path) == 1:
            found = [one for one in shelf.named.get(path[0].lower(), ()) if not self._made(shelf.paths[one])]
        if len(found) > 1:
            said = _("There are several groups %(name)s: %(paths)s. Write the whole path.")
            paths = ", ".join(sorted(" > ".join(shelf.paths[one]) for one in found)[:5])
            reasons.append(Reason("category", said % {"name": path[0], "paths": paths}))
        elif found:
            values["category"] = shelf.paths[found[0]]
        elif len(path) > DEEPEST:
            said = _("Categories lie at most %(most)d deep. Pick one further up.") % {"most": DEEPEST}
            reasons.append(Reason("category", said))
        else:
            written: tuple[str, ...] = ()
            for depth, name in enumerate(path, 1):
                known = shelf.groups.get(small(path[:depth]))
                written = shelf.paths[known] if known else groups.get(small(path[:depth]), (*written, name))
            values["category"] = written

    def _made(self, path: tuple[str, ...]) -> bool:
        """Claim that a group is one of those that this file makes itself."""
        return " > ".join(path).lower() in self._terms.made

    def _of_codes(
        self, line: int, codes: Sequence[str], subject: UUID, present: Mapping[str, Any] | None
    ) -> list[Reason]:
        had = set(present["barcodes"]) if present is not None else set()
        if len(codes) > _MOST_CODES:
            return [Reason("barcodes", _("Use at most %(most)d of these.") % {"most": _MOST_CODES})]
        for code in codes:
            problem = "" if code in had else barcode_problem(code)
            if problem:
                return [Reason("barcodes", problem)]
            normal = normalise(code)
            if self._known.owners.get(normal, subject) != subject or self._seen.codes.get(normal, line) != line:
                said = _("Barcode %(code)s belongs to another product.")
                return [Reason("barcodes", said % {"code": code})]
        if len({normalise(code) for code in codes}) < len(codes):
            return [Reason("barcodes", _("The same barcode stands here twice, written in two ways."))]
        return []

    def _of_traits(self, full: Mapping[str, Any]) -> list[Reason]:
        stand_ins = {sku: new_id() for sku, _amount in full["parts"]}
        found = problems(traits_of(full, stand_ins, {}), full["unit"])
        return [Reason(name, sentence) for name, sentences in found.items() for sentence in sentences]

    def _of_measures(self, full: Mapping[str, Any], present: Mapping[str, Any] | None) -> list[Reason]:
        """Look at what can't change once stock has moved, and at parts of pieces."""
        reasons = []
        if present is not None and full.get("id") in self._known.moved:
            if full["kind"] != present["kind"]:
                said = _("Its stock has moved, so it stays goods. Make a new product for the other kind.")
                reasons.append(Reason("kind", said))
            if full["unit"] != present["unit"]:
                reasons.append(Reason("unit", unit_stays()))
        stands = present is not None and (present["reorder_point"], present["unit"]) == (
            full["reorder_point"],
            full["unit"],
        )
        if not stands and (cut := point_problem(full["reorder_point"], full["unit"])):
            reasons.append(Reason("reorder_point", cut))
        return reasons

    def _of_family(self, line: int, full: Mapping[str, Any], subject: UUID) -> list[Reason]:
        """Look at a variant's options: one value for each of its family's, and no two variants alike."""
        family, options = full["family"], dict(full["options"])
        if not family:
            said = _("Name the family too, or leave the options empty.")
            return [Reason("options", said)] if options else []
        key = family.lower()
        known = self._known.families.get(key)
        names = known[2] if known else self._seen.families.get(key, ("", tuple(options)))[1]
        if set(options) != set(names) or not options:
            said = _("Give a value for each option of the family: %(names)s.")
            return [Reason("options", said % {"names": ", ".join(names) or _("Size=M")})]
        variant = (key, frozenset(options.items()))
        if self._known.variants.get(variant, subject) != subject or self._seen.variants.get(variant, line) != line:
            return [Reason("options", _("Another product of the family has these options."))]
        return []

    def _of_references(self, row: Given, full: Mapping[str, Any]) -> list[Reason]:
        """Look at what a row names beside itself, where it is about to be stored; before, `settle` does at the end."""
        if not self._terms.final or not self._traits:
            return []
        for sku in sorted(refers_to(row.cells, self._terms.ways)):
            if not self._known.ids.spelt(sku) and not self._seen.ids.spelt(sku):
                column = "deposit" if sku == full.get("deposit") else "parts"
                return [Reason(column, _("There is no product %(sku)s.") % {"sku": sku})]
        return []

    def _claim(self, row: Given, full: dict[str, Any], subject: UUID, present: Mapping[str, Any] | None) -> None:
        seen, sku = self._seen, full["sku"] or str(subject)  # one without a SKU is nobody's part: any word will do
        stays = present is not None and present["sku"] == sku
        seen.skus[sku if stays else skus.small(sku)] = seen.subjects[subject] = row.line
        seen.ids[sku] = subject
        if full["kind"] != GOODS:
            seen.kinds[sku] = full["kind"]
        if present is None:
            seen.made += 1
            seen.new.add(sku)
        for code in full["barcodes"] if "barcodes" in self._mapped else ():
            seen.codes[normalise(code)] = row.line
        seen.want(tuple(full["category"] or ()), self._known.shelf.groups, row.line)
        if full["family"] and self._mapped & {"family", "options"}:  # other rows leave families as they are
            seen.join(full["family"], full["options"], self._known.families, row.line)
        if self._mapped & {"parts", "deposit"} and (full["parts"] or full["deposit"]):
            parts = tuple(one for one, _amount in full["parts"]) if full["kind"] == KIT else ()
            seen.refs[row.line] = (sku, parts, full["deposit"])

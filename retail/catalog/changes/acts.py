"""What can be done to many products: for each act what it sets, which columns it touches, and its way back.

`value` of a change is a JSON object of plain texts, so that it can be stored and read again by a worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

Act = Literal["archive", "restore", "category", "tax_class", "tags_add", "tags_remove", "schedule", "reorder_point"]
ACTS: Final[tuple[Act, ...]] = get_args(Act)
MOST_TAGS: Final = 30  # on one product


@dataclass(frozen=True, slots=True)
class Way:
    """How an act is done in SQL, with {now} for the moment and {value} for what it sets, as JSON.

    `sets` are the assignments to `product p`, `unless` claims that p stays as it is, `kept` builds the JSON of what p
    was, `back` the assignments that lead back from `r.before`, and `lost` claims that there is no way back.
    """

    sets: str
    unless: str
    kept: str
    back: str
    audited: str
    lost: str = "false"


_TAGS: Final = "ARRAY(SELECT jsonb_array_elements_text({of} -> 'tags'))"
_KNOWN: Final = "SELECT lower(h) FROM unnest(p.tags) h"
_ADDED: Final = (
    f"(p.tags || ARRAY(SELECT t FROM unnest({_TAGS.format(of='{value}')}) t WHERE lower(t) NOT IN ({_KNOWN})))"  # noqa: S608
)
_GIVEN: Final = f"SELECT lower(t) FROM unnest({_TAGS.format(of='{value}')}) t"  # noqa: S608 - constants, as all here
_LEFT: Final = (
    f"ARRAY(SELECT h FROM unnest(p.tags) WITH ORDINALITY AS u (h, at) WHERE lower(h) NOT IN ({_GIVEN}) ORDER BY at)"  # noqa: S608
)


def _column(name: str, kind: str, audited: str) -> Way:
    new, old = f"({{value}} ->> '{name}')::{kind}", f"(r.before ->> '{name}')::{kind}"
    return Way(
        f"{name} = {new}",
        f"p.{name} IS NOT DISTINCT FROM {new}",
        f"jsonb_build_object('{name}', p.{name})",
        f"{name} = {old}",
        audited,
    )


def _tags(result: str) -> Way:
    return Way(
        f"tags = {result}",
        f"(p.tags = {result} OR cardinality({result}) > {MOST_TAGS})",
        "jsonb_build_object('tags', p.tags)",
        f"tags = {_TAGS.format(of='r.before')}",
        "product.tags_set",
    )


def _schedule() -> Way:
    def days(of: str) -> tuple[str, str]:
        return f"({of} ->> 'available_from')::timestamptz", f"({of} ->> 'available_until')::timestamptz"

    def assign(of: str) -> str:
        begin, end = days(of)
        return (
            f"available_from = {begin}, available_until = {end},"
            f" on_sale = coalesce({begin} <= {{now}}, true) AND coalesce({{now}} < {end}, true)"
        )

    begin, end = days("{value}")
    return Way(
        assign("{value}"),
        f"(p.available_from, p.available_until) IS NOT DISTINCT FROM ({begin}, {end})",
        "jsonb_build_object('available_from', p.available_from, 'available_until', p.available_until)",
        assign("r.before"),
        "product.schedule_set",
    )


def _archived(sets: str, unless: str, audited: str) -> Way:
    return Way(
        sets,
        unless,
        "jsonb_build_object('archived_at', p.archived_at)",
        "archived_at = (r.before ->> 'archived_at')::timestamptz",
        audited,
    )


WAYS: Final[Mapping[Act, Way]] = {
    "archive": _archived("archived_at = {now}", "p.archived_at IS NOT NULL", "product.archived"),
    "restore": _archived("archived_at = NULL", "p.archived_at IS NULL", "product.restored"),
    "category": replace(
        _column("category_id", "uuid", "product.category_set"),
        lost="""r.before ->> 'category_id' NOT IN (SELECT g.id::text FROM category g WHERE g.tenant_id = $1)""",
    ),
    "tax_class": _column("tax_class_id", "uuid", "product.tax_class_set"),
    "tags_add": _tags(_ADDED),
    "tags_remove": _tags(_LEFT),
    "schedule": _schedule(),
    "reorder_point": _column("reorder_point", "numeric", "product.reorder_point_set"),
}

"""Setting a rule of reordering; what is low is marked again at once, and told."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from retail.identity.permissions import EDIT_CATALOGUE, MOVE_STOCK
from retail.kit.errors import Conflict, Invalid, NotFound
from retail.kit.ids import new_id
from retail.kit.quantity import LINE_MOST
from retail.kit.text import _
from retail.runtime.audit_record import changed
from retail.runtime.db import Tx
from retail.stock.admitting import is_whole, too_fine
from retail.stock.operations import mark_low_of, tell
from retail.stock.reordering.queries import FIELDS

MOST: Final = LINE_MOST
_LONGEST_LEAD: Final = 365


class RuleChanged(Conflict):
    """Somebody else has changed this rule since it was looked at."""

    code = "rule_changed"

    def sentence(self) -> str:
        """Say to look again."""
        return _("Somebody else has changed this rule since you opened the page. Look at it again, then save.")


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as somebody wants it; `store` None: of all stores, without a point of its own. `version` 0: a new one."""

    product: UUID
    store: UUID | None
    reorder_point: Decimal | None = None
    safety_stock: Decimal | None = None
    target: Decimal | None = None
    lead_days: int | None = None
    pack_quantity: Decimal | None = None
    minimum_order: Decimal | None = None
    version: int = 0

    @property
    def given(self) -> dict[str, Decimal | int | None]:
        """Give the fields with their values."""
        return {name: getattr(self, name) for name in FIELDS}


async def lock_rules(tx: Tx, product: UUID) -> None:
    """Have a product's rules to oneself until the transaction ends, also those that aren't there yet."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 34))", f"rules:{tx.tenant}:{product}")


async def set_rule(tx: Tx, rule: NewRule) -> None:
    """Set a product's rule for one store or for all; one without a field is removed.

    Locks the product's rules, then balances whose mark changes. Emits StockChanged and StockFellLow. Raises Invalid,
    NotFound, RuleChanged, Forbidden.
    """
    if rule.store is None:
        tx.scope.require(EDIT_CATALOGUE)
    else:
        tx.scope.require_in(MOVE_STOCK, rule.store)
    _check(rule)
    await _require(tx, rule)
    await lock_rules(tx, rule.product)
    row = await tx.fetchrow(
        "SELECT * FROM stock_rule WHERE tenant_id = $1 AND product_id = $2 AND store_id IS NOT DISTINCT FROM $3",
        tx.tenant,
        rule.product,
        rule.store,
    )
    if (row["version"] if row else 0) != rule.version:
        raise RuleChanged
    before = {name: row[name] if row else None for name in FIELDS}
    if before == rule.given:
        return
    await _write(tx, rule)
    tx.audit("stock.rule_set", "product", rule.product, store=rule.store, **changed(before, rule.given))
    crossed = await mark_low_of(tx, [rule.product])
    tell(tx, crossed, [one for one in crossed if one.low])


async def _require(tx: Tx, rule: NewRule) -> None:
    decimals = await tx.fetchval(
        "SELECT decimals FROM product WHERE tenant_id = $1 AND id = $2", tx.tenant, rule.product
    )
    if decimals is None:
        raise NotFound("product")
    cut = [name for name, value in rule.given.items() if value is not None and not is_whole(Decimal(value), decimals)]
    if cut:
        raise Invalid({name: [too_fine(decimals)] for name in cut})
    if rule.store and not await tx.fetchval(
        "SELECT EXISTS (SELECT FROM store WHERE tenant_id = $1 AND id = $2)", tx.tenant, rule.store
    ):
        raise NotFound("store")


async def _write(tx: Tx, rule: NewRule) -> None:
    if not any(value is not None for value in rule.given.values()):
        await tx.execute(
            "DELETE FROM stock_rule WHERE tenant_id = $1 AND product_id = $2 AND store_id IS NOT DISTINCT FROM $3",
            tx.tenant,
            rule.product,
            rule.store,
        )
        return
    written = await tx.execute(
        """INSERT INTO stock_rule AS r (tenant_id, id, product_id, store_id, reorder_point, safety_stock, target,
                                        lead_days, pack_quantity, minimum_order, version, updated_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)
           ON CONFLICT (tenant_id, product_id, store_id) DO UPDATE
              SET reorder_point = excluded.reorder_point, safety_stock = excluded.safety_stock,
                  target = excluded.target, lead_days = excluded.lead_days, pack_quantity = excluded.pack_quantity,
                  minimum_order = excluded.minimum_order, version = r.version + 1, updated_at = excluded.updated_at
            WHERE r.version = $12""",
        tx.tenant, new_id(), rule.product, rule.store, *rule.given.values(), tx.now, rule.version,
    )  # fmt: skip
    if written == "INSERT 0 0":
        raise RuleChanged


def _check(rule: NewRule) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in rule.given.items():
        if value is None:
            continue
        if value < 0:
            errors[name] = [_("This can't be below zero.")]
        elif name in {"pack_quantity", "minimum_order"} and not value:
            errors[name] = [_("Type a quantity above zero, or leave it empty.")]
        elif name == "lead_days" and value > _LONGEST_LEAD:
            errors[name] = [_("Type at most %(most)d days.") % {"most": _LONGEST_LEAD}]
        elif value > MOST:
            errors[name] = [_("This is more than any shelf holds. Type a smaller quantity.")]
    if rule.store is None and rule.reorder_point is not None:
        errors["reorder_point"] = [_("The reorder point of all stores stands on the product. Change it there.")]
    if rule.target is not None and rule.reorder_point is not None and rule.target < rule.reorder_point:
        errors["target"] = [_("Fill up to at least the reorder point, or the order is never enough.")]
    if errors:
        raise Invalid(errors)

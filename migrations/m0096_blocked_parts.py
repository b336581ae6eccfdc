"""A kit isn't made of parts that lie in blocked places."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0096_blocked_parts"
VERSION = "1.47.0"
DESCRIPTION = __doc__

KITS = """
CREATE OR REPLACE FUNCTION kit_on_hand(store uuid, kit uuid) RETURNS numeric
LANGUAGE sql STABLE AS $body$
  SELECT greatest(min(floor((coalesce(b.on_hand, 0) + coalesce(d.quantity, 0) - coalesce(z.quantity, 0)) / k.quantity)),
                  0)
    FROM kit_parts(ARRAY[kit]) k
    JOIN product p ON p.tenant_id = (SELECT current_tenant()) AND p.id = k.part_id AND p.kind = 'goods'
    LEFT JOIN stock_balance b
           ON b.tenant_id = (SELECT current_tenant()) AND b.store_id = store AND b.product_id = k.part_id
    LEFT JOIN LATERAL (SELECT sum(w.quantity) AS quantity FROM stock_delta w
                        WHERE w.tenant_id = (SELECT current_tenant()) AND w.store_id = store
                          AND w.product_id = k.part_id) d ON true
    LEFT JOIN LATERAL (SELECT sum(c.on_hand) AS quantity FROM stock_place c
                         JOIN location o ON o.tenant_id = c.tenant_id AND o.id = c.location_id AND o.kind = 'blocked'
                        WHERE c.tenant_id = (SELECT current_tenant()) AND c.store_id = store
                          AND c.product_id = k.part_id) z ON true
$body$;
"""


async def forwards() -> MigrationManager:
    """Count what can be sold of the parts."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(KITS)

    manager.add_raw(make)
    return manager

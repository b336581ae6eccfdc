"""What settles an exception beside a note, when a till was away, and who may sell on beyond a limit then."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0064_offline"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `fix` names what was booked to settle it, `fix_id` the document that was booked: without it there is nothing to undo.
FIXES = """
ALTER TABLE sync_exception
  ADD COLUMN fix    text,
  ADD COLUMN fix_id uuid;
ALTER TABLE sync_exception
  ADD CONSTRAINT sync_exception_fixed CHECK (fix IS NULL OR resolved_at IS NOT NULL),
  ADD CONSTRAINT sync_exception_document CHECK (fix_id IS NULL OR fix IS NOT NULL);
"""

# The last time that a till was away: from its last contact to the one after. What it sold in between was sold alone.
AWAY = """
ALTER TABLE till_claim
  ADD COLUMN away_since timestamptz,
  ADD COLUMN back_at    timestamptz;
ALTER TABLE till_claim
  ADD CONSTRAINT till_claim_away CHECK (num_nulls(away_since, back_at) IN (0, 2) AND away_since < back_at);
"""

# Who may cancel a sale, or ask to, may sell on beyond a limit without the network, or ask to.
RIGHTS = """
ALTER TABLE role_right NO FORCE ROW LEVEL SECURITY;
INSERT INTO role_right (tenant_id, role_key, permission, state, limit_amount)
SELECT r.tenant_id, r.role_key, 'sell_beyond', r.state, NULL FROM role_right r
 WHERE r.permission = 'void_sale' ON CONFLICT DO NOTHING;
ALTER TABLE role_right FORCE ROW LEVEL SECURITY;
"""


async def forwards() -> MigrationManager:
    """Add the columns and the right."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(FIXES + AWAY + RIGHTS)

    manager.add_raw(create)
    return manager

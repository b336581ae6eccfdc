"""Customer displays on devices of their own: a code that pairs one, and what it shows itself with from then on."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run
from migrations.m0005_rights import parents_floor

ID = "m0087_displays"
VERSION = "1.43.0"
DESCRIPTION = __doc__

# A row begins as a code that somebody may type once (`token_hash` None), and becomes a display by that. Whoever ended
# it, and who made the code, stands on the audit trail.
DISPLAY = """
  id           uuid NOT NULL,
  till_id      uuid NOT NULL,
  code_hash    bytea NOT NULL CHECK (length(code_hash) = 32),
  code_ends_at timestamptz NOT NULL,
  token_hash   bytea CHECK (length(token_hash) = 32),
  created_at   timestamptz NOT NULL,
  paired_at    timestamptz,
  ended_at     timestamptz,
  CHECK ((token_hash IS NULL) = (paired_at IS NULL)),
  UNIQUE (tenant_id, token_hash),
  FOREIGN KEY (tenant_id, till_id) REFERENCES till (tenant_id, id)
"""

INDEXES = """
CREATE INDEX till_display_till ON till_display (tenant_id, till_id);
CREATE INDEX till_display_code ON till_display (code_hash) WHERE token_hash IS NULL AND ended_at IS NULL;
CREATE INDEX till_display_found ON till_display (token_hash) WHERE ended_at IS NULL;
"""

AUTH = auth_function(
    "auth_display_code(wanted bytea, at timestamptz)",
    "TABLE (tenant_id uuid, id uuid)",
    """SELECT d.tenant_id, d.id FROM till_display d
        WHERE d.code_hash = wanted AND d.token_hash IS NULL AND d.ended_at IS NULL AND d.code_ends_at > at""",
) + auth_function(
    "auth_display(wanted bytea)",
    "TABLE (tenant_id uuid, id uuid, till_id uuid)",
    "SELECT d.tenant_id, d.id, d.till_id FROM till_display d WHERE d.token_hash = wanted AND d.ended_at IS NULL",
)


async def forwards() -> MigrationManager:
    """Make the table, its walls and the two ways to find a row before its business is known."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(directory_table("till_display", DISPLAY, grants="remove"))
        floor = parents_floor("till_display", "till", "till_id").replace("TO PUBLIC", "TO countertop_app")
        await run(INDEXES + AUTH + floor)

    manager.add_raw(create)
    return manager

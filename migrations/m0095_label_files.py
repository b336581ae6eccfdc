"""Labels of many products are made by a job: a file of labels on paper stands among the files of lists."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import run

ID = "m0095_label_files"
VERSION = "1.47.0"
DESCRIPTION = __doc__

FORMS = """
ALTER TABLE export_run DROP CONSTRAINT IF EXISTS export_run_form_check;
ALTER TABLE export_run ADD CONSTRAINT export_run_form_check CHECK (form IN ('csv', 'xlsx', 'json', 'pdf'));
"""


async def forwards() -> MigrationManager:
    """Let a file be a PDF."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def make() -> None:
        await run(FORMS)

    manager.add_raw(make)
    return manager

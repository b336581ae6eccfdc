"""Private threads between the operator and owners and inside a business, and notes for the next shift at its tills."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from migrations.ddl import auth_function, directory_table, run, tenant_table
from migrations.m0005_rights import store_floor
from migrations.m0016_privacy import erasure_rights

ID = "m0074_messages"
VERSION = "1.38.0"
DESCRIPTION = __doc__

# `last_at` is the moment of its newest message: what lists go by. Texts have more room than people get, for a name
# that erasure puts in a person's place may be longer.
THREAD = """
  id              uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('operator', 'team')),
  subject         text NOT NULL CHECK (length(subject) BETWEEN 1 AND 400),
  created_at      timestamptz NOT NULL,
  created_by      uuid NOT NULL,
  created_by_name text NOT NULL,
  last_at         timestamptz NOT NULL,
  FOREIGN KEY (tenant_id) REFERENCES tenant (id)
"""

# Who takes part in a thread of the business: a person, everybody who works in a store, whoever stands at a till.
PARTY = """
  thread_id uuid NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('person', 'store', 'till')),
  party_id  uuid NOT NULL,
  added_at  timestamptz NOT NULL,
  left_at   timestamptz,
  FOREIGN KEY (tenant_id, thread_id) REFERENCES thread (tenant_id, id)
"""

MESSAGE = """
  id          uuid NOT NULL,
  thread_id   uuid NOT NULL,
  author_kind text NOT NULL CHECK (author_kind IN ('person', 'till', 'operator')),
  author_id   uuid NOT NULL,
  author_name text NOT NULL CHECK (length(author_name) <= 400),
  body        text NOT NULL CHECK (length(body) <= 8000),
  sent_at     timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, thread_id) REFERENCES thread (tenant_id, id)
"""

# The bytes lie in the business's folder of files under `stored`, a name of ours.
FILE = """
  id         uuid NOT NULL,
  message_id uuid NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 400),
  media_type text NOT NULL CHECK (media_type IN ('image/webp', 'application/pdf', 'text/plain')),
  bytes      integer NOT NULL CHECK (bytes BETWEEN 1 AND 5242880),
  stored     text NOT NULL CHECK (stored ~ '^[0-9a-f]{32}$'),
  FOREIGN KEY (tenant_id, message_id) REFERENCES thread_message (tenant_id, id)
"""

# Up to when somebody has read: a person, a till, or (the id of zeros) the operator.
MARK = """
  thread_id uuid NOT NULL,
  reader_id uuid NOT NULL,
  read_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, thread_id) REFERENCES thread (tenant_id, id)
"""

# Without a till it is for every till of the store; each shows it until somebody there has read it, or it is too old.
NOTE = """
  id           uuid NOT NULL,
  store_id     uuid NOT NULL,
  for_till     uuid,
  body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
  author_id    uuid NOT NULL,
  author_name  text NOT NULL CHECK (length(author_name) <= 400),
  created_at   timestamptz NOT NULL,
  until        timestamptz NOT NULL,
  withdrawn_at timestamptz,
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id)
"""
READING = """
  note_id   uuid NOT NULL,
  at_till   uuid NOT NULL,
  person_id uuid NOT NULL,
  read_at   timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, note_id) REFERENCES shift_note (tenant_id, id)
"""

INDEXES = """
CREATE INDEX thread_newest ON thread (tenant_id, last_at DESC, id DESC);
CREATE INDEX thread_of_operator ON thread (last_at DESC, id DESC) WHERE kind = 'operator';
CREATE INDEX thread_party_whose ON thread_party (tenant_id, kind, party_id, thread_id) WHERE left_at IS NULL;
CREATE INDEX thread_message_said ON thread_message (tenant_id, thread_id, sent_at DESC, id DESC);
CREATE INDEX thread_file_of ON thread_file (tenant_id, message_id);
CREATE INDEX shift_note_newest ON shift_note (tenant_id, store_id, created_at DESC, id DESC);
"""

# The operator sees the threads that the operator is part of, and of them no more than a list needs.
THREADS = auth_function(
    "auth_operator_threads(before timestamptz, behind uuid, most integer)",
    "TABLE (tenant_id uuid, slug text, business text, id uuid, subject text, last_at timestamptz, unread boolean)",
    """SELECT h.tenant_id, t.slug, t.name, h.id, h.subject, h.last_at,
              EXISTS (SELECT FROM thread_message m WHERE m.tenant_id = h.tenant_id AND m.thread_id = h.id
                         AND m.author_kind <> 'operator' AND m.sent_at > coalesce(
                             (SELECT k.read_at FROM thread_mark k WHERE k.tenant_id = h.tenant_id
                                 AND k.thread_id = h.id
                                 AND k.reader_id = '00000000-0000-0000-0000-000000000000'), '-infinity'))
         FROM thread h JOIN tenant t ON t.id = h.tenant_id
        WHERE h.kind = 'operator' AND (before IS NULL OR (h.last_at, h.id) < (before, behind))
        ORDER BY h.last_at DESC, h.id DESC LIMIT most""",
)


async def forwards() -> MigrationManager:
    """Make the tables, their walls, and the one function that looks across businesses."""
    manager = MigrationManager(migration_id=ID, app_name="retail", description=DESCRIPTION)

    async def create() -> None:
        await run(directory_table("thread", THREAD))
        await run(tenant_table("thread_party", PARTY, key="thread_id, kind, party_id"))
        await run(directory_table("thread_message", MESSAGE, grants="append"))
        await run(tenant_table("thread_file", FILE, grants="append"))
        await run(directory_table("thread_mark", MARK, key="thread_id, reader_id"))
        await run(tenant_table("shift_note", NOTE))
        await run(tenant_table("shift_note_reading", READING, grants="append", key="note_id, at_till"))
        await run(INDEXES + store_floor("shift_note") + THREADS)
        await run(erasure_rights("thread", ("subject", "created_by_name")))
        await run(erasure_rights("thread_message", ("author_name", "body")))
        await run(erasure_rights("thread_file", ("name",)))
        await run(erasure_rights("shift_note", ("author_name", "body")))

    manager.add_raw(create)
    return manager

"""One fault per rule, found by `make lint` before it looks at the product. Never imported."""
# ruff: noqa
# mypy: ignore-errors

# ruleid: entities-in-xml
import xml.etree.ElementTree as tree
import asyncio, hashlib, httpx, json, logging, os, pickle, random, re, ssl, subprocess, uuid

log = logging.getLogger(__name__)
_TABLE = "sale"


async def queries(read, name, where):
    # ruleid: sql-built-from-values
    await read.fetch(f"SELECT * FROM sale WHERE name = '{name}'")
    # ruleid: sql-built-from-values
    await read.fetch("SELECT * FROM sale WHERE name = " + name)
    # ruleid: sql-built-from-values
    await read.execute("DELETE FROM %s" % name)
    # ok: sql-built-from-values
    await read.fetch(f"SELECT * FROM {_TABLE} WHERE name = $1", name)
    # ruleid: session-wide-setting
    await read.execute("SELECT set_config('app.tenant_id', $1, false)", name)
    # ruleid: session-wide-setting
    await read.execute("SET app.tenant_id = 'x'")
    # ok: session-wide-setting
    await read.execute("SET LOCAL app.tenant_id = 'x'")
    # ruleid: lock-or-listen-of-a-session
    await read.execute("SELECT pg_advisory_lock(1)")
    # ruleid: lock-or-listen-of-a-session
    await read.execute("SELECT pg_notify('sales', '')")


async def units(engine, db, scope):
    # ruleid: piccolo-transaction
    async with engine.transaction():
        pass
    async with db.begin(scope) as tx:
        # ruleid: task-inside-unit-of-work
        await asyncio.gather(tx.fetch("SELECT 1"), tx.fetch("SELECT 2"))
    # ok: task-inside-unit-of-work
    await asyncio.gather(db.close())


def markup(text):
    # ruleid: markup-from-text
    HTMLResponse(f"<b>{text}</b>")
    # ruleid: markup-from-text
    return Markup(f"<b>{text}</b>")


async def bytes_and_rows(request, body):
    # ruleid: unpickled
    pickle.loads(body)
    # ruleid: request-becomes-row
    Product(**await request.json())


def secrets_of(given_token, kept, password):
    # ruleid: weak-hash
    hashlib.md5(kept)
    # ok: weak-hash
    hashlib.md5(kept, usedforsecurity=False)
    # ruleid: guessable-secret
    reset_token = str(uuid.uuid4())
    # ruleid: guessable-secret
    pin = random.randint(0, 9999)
    # ruleid: secret-in-log
    log.info("signed in with %s", password)
    # ruleid: secret-compared-in-steps
    return given_token == kept


def outside(url, words):
    # ruleid: unverified-connection, unguarded-outgoing-request
    httpx.get(url, verify=False)
    # ruleid: redirect-followed, unguarded-outgoing-request
    httpx.get(url, follow_redirects=True)
    # ruleid: shell
    subprocess.run(words, shell=True)
    # ruleid: text-becomes-code
    eval(words)


def written(amount, facts):
    # ruleid: tag-taken-for-a-locale
    format_decimal(amount, locale=facts.locale)
    # ok: tag-taken-for-a-locale
    format_decimal(amount, locale=locale_of(facts.locale))


def typed(request, fields):
    # ruleid: typed-pattern
    re.search(fields.text("q"), "text")
    # ruleid: host-believed
    return request.headers["host"]

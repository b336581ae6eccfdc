"""How arq is used here: as a doorbell that spreads jobs over workers. The truth is the job table, never Redis.

Payloads are JSON (arq's default, pickle, would let whoever writes to Redis run code); a ring is two ids, takes no time
and leaves no result; that a job runs once, is tried again and survives a crash is the row's business.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final
from uuid import UUID

from arq.connections import ArqRedis
from arq.worker import Worker
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from retail.crossing import proofs
from retail.runtime.runner import Runner

QUEUE: Final = "countertop:jobs"
PATIENT_SECONDS: Final = 1.0


def to_bytes(value: dict[str, Any]) -> bytes:
    """Write what arq stores as JSON. An exception, which JSON lacks, becomes its text."""
    return json.dumps(value, default=repr).encode()


def from_bytes(value: bytes) -> dict[str, Any]:
    """Read it back."""
    read: dict[str, Any] = json.loads(value)
    return read


async def run_job(ctx: dict[str, Any], tenant: str, id: str) -> None:
    """Start a job's run in this worker; its lease keeps a second one out."""
    runner: Runner = ctx["runner"]
    runner.start(UUID(tenant), UUID(id))


class WorkerSettings:
    """What an arq worker of ours is made of."""

    functions: ClassVar = [run_job]
    queue_name = QUEUE
    job_serializer = staticmethod(to_bytes)
    job_deserializer = staticmethod(from_bytes)
    keep_result = 0
    max_tries = 1
    max_jobs = 50
    job_timeout = 10
    poll_delay = 0.2
    health_check_interval = 30
    handle_signals = False


def open_redis(url: str, timeout: float) -> ArqRedis:
    """Make arq's client for a URL (TCP or Unix socket) whose every step gives up after `timeout` seconds."""
    pool = ConnectionPool.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        max_connections=20,
        **proofs(url),
    )
    return ArqRedis(
        connection_pool=pool, job_serializer=to_bytes, job_deserializer=from_bytes, default_queue_name=QUEUE
    )


def make_worker(url: str, runner: Runner) -> Worker:
    """Make an arq worker on its own connections. It ends when Redis is lost: keep it running from outside."""
    chosen = {name: value for name, value in vars(WorkerSettings).items() if not name.startswith("_")}
    chosen |= {"job_serializer": to_bytes, "job_deserializer": from_bytes}
    return Worker(**chosen, redis_pool=open_redis(url, PATIENT_SECONDS), ctx={"runner": runner})

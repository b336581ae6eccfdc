"""Ringing for a job: through arq to whichever worker is free, or here where Redis is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import UUID

from redis.exceptions import RedisError

from retail.runtime.doorbell import TIMEOUT_SECONDS
from retail.runtime.runner import Runner
from workers.settings import open_redis

logger = logging.getLogger(__name__)

_QUIET_SECONDS = 2.0


class Bell:
    """Rings for jobs. A ring that is lost costs a minute: the clock looks for due rows by itself."""

    def __init__(self, url: str, runner: Runner) -> None:
        self._redis = open_redis(url, TIMEOUT_SECONDS) if url else None
        self._runner = runner
        self._quiet_until = 0.0

    async def ring(self, jobs: Sequence[tuple[UUID, UUID]]) -> None:
        """Have these (tenant, job) run soon. Never raises for Redis' sake."""
        for tenant, id in jobs:
            if not await self._pass_on(tenant, id):
                self._runner.start(tenant, id)

    async def _pass_on(self, tenant: UUID, id: UUID) -> bool:
        if self._redis is None or time.monotonic() < self._quiet_until:
            return False
        try:
            await self._redis.enqueue_job("run_job", str(tenant), str(id), _job_id=f"{tenant}:{id}")
        except (RedisError, OSError) as cause:
            logger.warning("Redis does not answer (%s); jobs start in this worker meanwhile.", cause)
            self._quiet_until = time.monotonic() + _QUIET_SECONDS
            return False
        return True

    async def close(self) -> None:
        """Let the connections go."""
        if self._redis is not None:
            await self._redis.aclose(close_connection_pool=True)

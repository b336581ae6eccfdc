"""The embedded Redis: a doorbell and a cache on a private socket, whose loss costs nothing but liveness.

The wheel carries Redis 6.2.14, whose Lua interpreter has known holes; so there is no network port, and the one user of
its access list may neither run scripts nor touch the server's configuration. In production set REDIS_URL to a patched
server.
"""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import RedisError

from retail.kit.text import _
from retail.runtime.embedded import binaries, places, process
from retail.runtime.embedded.errors import CannotStart

USER = "countertop"
_PROGRAMS = ("redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb")
_START_S = 10.0
_STOP_S = 5.0

# When it is full the least recently used key goes: everything in it can be made again, a refused write could not be
# told from an outage, and keys without an expiry (the doorbell queue) are in use all the time. Nothing is written to
# disk for the same reason.
_CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
aclfile "{access}"
dir "{folder}"
daemonize no
set-proc-title no
save ""
appendonly no
maxmemory 128mb
maxmemory-policy allkeys-lru
maxclients 512
loglevel warning
"""

# INFO and DBSIZE tell the job worker and the health page what they report; everything else dangerous stays refused.
_ACCESS = "user default off\nuser {user} on #{digest} ~* &* +@all -@dangerous -@scripting -@admin +info\n"


class EmbeddedRedis:
    """One Redis in `data_dir/redis`. The caller holds DataDirLock."""

    def __init__(self, found: places.Places, *, progress: Callable[[str], None]) -> None:
        self._places = found
        self._progress = progress
        self._password = found.secret("redis")
        self._process: process.Started | None = None
        self._turn = threading.RLock()

    @property
    def socket(self) -> Path:
        """The Unix socket, in a folder that only the account (and root) can enter."""
        return self._places.sockets / "redis.sock"

    @property
    def url(self) -> str:
        """The address with user and password, for redis-py and arq."""
        return f"unix://{USER}:{self._password}@{quote(str(self.socket))}"

    @property
    def pid(self) -> int | None:
        """The server that this object started, dead or alive."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and wait until it answers; raises CannotStart with its last words, NoRedis where there is none."""
        with self._turn:
            program = binaries.redis_server(self._places.account, self._progress)
            self._end_orphan()
            folder, account = self._places.redis, self._places.account
            digest = hashlib.sha256(self._password.encode("ascii")).hexdigest()
            access = folder / "users.acl"
            text = _CONFIGURATION.format(socket=self.socket, access=access, folder=folder)
            places.write_private(access, _ACCESS.format(user=USER, digest=digest), account)
            places.write_private(self._configuration, text, account)
            with self._log.open("wb") as log:
                self._process = process.start_server(
                    [str(program), str(self._configuration)],
                    account, death_signal=signal.SIGTERM, output=log,
                )  # fmt: skip
            self._pid_file.write_text(f"{self._process.pid}\n", encoding="ascii")
            process.wait_until(lambda: self.has_died() or self.answers(), _START_S)
            if self.has_died() or not self.answers():
                self.stop()
                raise CannotStart("Redis", self._last_words(), self._log)

    def stop(self) -> None:
        """Stop it; a server that holds nothing may be killed after 5 s."""
        with self._turn:
            if self._process is None:
                return
            started = self._process
            process.signalled(started.pid, signal.SIGTERM)
            if not process.wait_until(lambda: started.poll() is not None, _STOP_S):
                process.signalled(started.pid, signal.SIGKILL)
            started.wait()
            self._process = None
            self._pid_file.unlink(missing_ok=True)

    def has_died(self) -> bool:
        """Whether the server that `start` left running is gone; reaps it."""
        return self._process is not None and self._process.poll() is not None

    def answers(self) -> bool:
        """Whether it takes commands within half a second."""
        with Redis(
            unix_socket_path=str(self.socket), username=USER, password=self._password, socket_timeout=0.5
        ) as client:
            try:
                return bool(client.ping())
            except RedisError:
                return False

    @property
    def _configuration(self) -> Path:
        return self._places.redis / "redis.conf"

    @property
    def _pid_file(self) -> Path:
        return self._places.home / "redis.pid"

    @property
    def _log(self) -> Path:
        return self._places.home / "redis.log"

    def _end_orphan(self) -> None:
        pid = self._orphan()
        if pid is not None:
            self._progress(_("Stopping the Redis that an earlier start left running."))
            process.signalled(pid, signal.SIGTERM)
            if not process.wait_until(lambda: self._orphan() is None, _STOP_S):
                process.signalled(pid, signal.SIGKILL)
                process.wait_until(lambda: self._orphan() is None, _STOP_S)
        self._pid_file.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)

    def _orphan(self) -> int | None:
        try:
            text = self._pid_file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        found = process.arguments_of(int(text)) if text.isdecimal() else None
        if found is None or found[0] not in _PROGRAMS or str(self._configuration) not in found[1]:
            return None
        return int(text)

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else _("it gave no reason")

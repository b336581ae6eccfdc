"""The embedded Postgres: comes up after any kind of end, is stopped so that nothing is lost, and never runs as root."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from retail.kit.text import _
from retail.runtime.embedded import binaries, places, process
from retail.runtime.embedded.account import account_of
from retail.runtime.embedded.errors import CannotStart, WrongVersion
from retail.runtime.embedded.postgres_conf import ADMIN, PORT, access_text, operators_text, settings_text

FAST_STOP_S = 60.0
_RETRY_S = 30.0  # how long leftovers of a killed server (its memory, its dying children) may take to go away
_TELL_EVERY_S = 5.0
_STATUS_LINE = 7  # of postmaster.pid: starting, ready, stopping
_STALE = ("pre-existing shared memory block", "lock file", "could not create lock file")


class EmbeddedPostgres:
    """One cluster in `data_dir/postgres`, run by a child process of this one.

    `start` returns once it takes connections, however long a recovery takes; `stop` is fast shutdown, after 60 s
    immediate shutdown, never SIGKILL. The caller holds DataDirLock. Both are safe to call from any thread.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        progress: Callable[[str], None],
        settings: Mapping[str, str] | None = None,
        archive: bool = False,
    ) -> None:
        self._progress = progress
        self._settings = dict(settings or {})
        self._archive = archive
        self._process: process.Started | None = None
        self._turn = threading.RLock()
        self._given_up = threading.Event()
        self.places = places.find_places(places.open_data_dir(data_dir), progress)
        self.install = binaries.reachable(binaries.postgres_install(), "bin/initdb", self.places.account, progress)

    @property
    def programs(self) -> Path:
        """The folder of psql, pg_dump, pg_basebackup and the others."""
        return self.install / "bin"

    @property
    def cluster(self) -> Path:
        """The Postgres data directory."""
        return self.places.cluster

    @property
    def pid(self) -> int | None:
        """The postmaster that this object started, dead or alive."""
        return self._process.pid if self._process else None

    def url(self, role: str, database: str, password: str | None = None) -> str:
        """Return an address that asyncpg, psycopg and psql understand (Unix socket)."""
        login = quote(role, safe="") + (f":{quote(password, safe='')}" if password else "")
        return f"postgresql://{login}@/{quote(database, safe='')}?host={quote(str(self.places.sockets))}&port={PORT}"

    def admin_url(self, database: str = "postgres") -> str:
        """Return the superuser's address: no password, the kernel tells Postgres who is calling."""
        return self.url(ADMIN, database)

    def start(self) -> None:
        """Start and wait until it takes connections; raises EmbeddedError with a sentence if it cannot."""
        with self._turn:
            self._given_up.clear()
            self._end_orphan()
            self._create_if_missing()
            self._write_configuration()
            deadline = time.monotonic() + _RETRY_S
            while not self._started():
                words = self._last_words()
                if time.monotonic() > deadline or not any(reason in words for reason in _STALE):
                    raise CannotStart("Postgres", words, self._start_log)
                time.sleep(0.5)
                self._end_orphan()

    def stop(self) -> None:
        """Stop: fast (open transactions are rolled back, everything is written), after 60 s immediate.

        Also ends a start that is still waiting in another thread, which then raises CannotStart.
        """
        self._given_up.set()
        with self._turn:
            if self._process is None:
                return
            self._shut_down(self._process.pid, lambda: self._process is None or self._process.poll() is not None)
            self._process.wait()
            self._process = None

    def has_died(self) -> bool:
        """Whether the postmaster that `start` left running is gone; reaps it."""
        return self._process is not None and self._process.poll() is not None

    # -- before the start

    def _end_orphan(self) -> None:
        """Stop a postmaster that an earlier, killed Countertop left; remove pid files that name anything else."""
        pid_file = self.cluster / "postmaster.pid"
        pid = _number_in(pid_file)
        if pid is not None and is_postmaster(pid, self.cluster):
            self._progress(_("Stopping the database that an earlier start left running."))
            self._shut_down(pid, lambda: not is_postmaster(pid, self.cluster))
        # Postgres believes any living process of the same user (a zombie too), so a reused number would keep it from
        # starting for ever. A file with a dead number stays: Postgres also looks there for survivors of a killed one.
        for path in (pid_file, self.places.sockets / f".s.PGSQL.{PORT}.lock"):
            named = _number_in(path)
            if named is not None and process.exists(named) and not is_postmaster(named, self.cluster):
                path.unlink(missing_ok=True)

    def _shut_down(self, pid: int, ended: Callable[[], bool]) -> None:
        if not process.signalled(pid, signal.SIGINT) or process.wait_until(ended, FAST_STOP_S):
            return
        self._progress(_("The database is taking long to stop; it will check itself at the next start."))
        process.signalled(pid, signal.SIGQUIT)
        process.wait_until(ended, FAST_STOP_S)

    def _create_if_missing(self) -> None:
        version = self.cluster / "PG_VERSION"
        if version.exists():
            found = version.read_text(encoding="ascii").strip()
            if found != binaries.POSTGRES_MAJOR:
                raise WrongVersion(self.cluster, found, binaries.POSTGRES_MAJOR)
            return
        self._progress(_("Creating the database."))
        places.clear_leftovers(self.places)
        fresh = places.private_folder(places.unfinished(self.places), self.places.account)
        command = [
            str(self.programs / "initdb"), "-D", str(fresh), "-U", ADMIN, "--auth-local=peer",
            "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--data-checksums", "--no-instructions",
        ]  # fmt: skip
        if self._settings.get("fsync") == "off":
            command.append("--no-sync")
        with self._start_log.open("wb") as log:
            made = process.start_server(command, self.places.account, death_signal=signal.SIGKILL, output=log).wait()
        if made != 0:
            raise CannotStart("initdb", self._last_words(), self._start_log)
        fresh.rename(self.cluster)

    def _write_configuration(self) -> None:
        account = self.places.account
        archive = places.private_folder(self.places.home / "archive", account) if self._archive else None
        callers = {account.name, account_of(os.geteuid()).name}
        for name, text in (
            ("postgresql.conf", settings_text(self.places.sockets, archive, self._settings)),
            ("pg_hba.conf", access_text()),
            ("pg_ident.conf", operators_text(callers)),
        ):
            places.write_private(self.cluster / name, text, account)

    # -- the start itself

    @property
    def _start_log(self) -> Path:
        return self.places.home / "postgres-start.log"

    def _started(self) -> bool:
        with self._start_log.open("wb") as log:
            self._process = process.start_server(
                [str(self.programs / "postgres"), "-D", str(self.cluster)],
                self.places.account, death_signal=signal.SIGINT, output=log,
            )  # fmt: skip
        began = told = time.monotonic()
        while self._process.poll() is None:
            if self._is_ready(self._process.pid):
                return True
            if self._given_up.is_set():
                self.stop()
                raise CannotStart("Postgres", _("it was stopped while it was starting"), self._start_log)
            if time.monotonic() - told >= _TELL_EVERY_S:
                told = time.monotonic()
                self._progress(self._waiting_words(int(told - began)))
            time.sleep(0.02)
        self._process = None
        return False

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"

    def _waiting_words(self, seconds: int) -> str:
        log = self._server_log()
        tail = log[log.rfind("starting PostgreSQL") :]
        if "automatic recovery in progress" in tail or "redo in progress" in tail:
            return _(
                "The database was not stopped cleanly and is bringing itself up to date ({seconds} s so far); "
                "nothing is lost, please wait."
            ).format(seconds=seconds)
        return _("Waiting for the database ({seconds} s so far).").format(seconds=seconds)

    def _server_log(self) -> str:
        logs = sorted((self.cluster / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        if not logs:
            return ""
        with logs[-1].open("rb") as file:
            file.seek(max(0, logs[-1].stat().st_size - 20_000))
            return file.read().decode("utf-8", "replace")

    def _last_words(self) -> str:
        lines = self._start_log.read_text(encoding="utf-8", errors="replace").splitlines()
        lines = [line for line in lines if "skipping missing" not in line]
        fatal = [number for number, line in enumerate(lines) if "FATAL:" in line or "error:" in line]
        if fatal:
            # what is wrong with a setting stands in the line above the one that says that something is
            first = max(0, fatal[0] - 1) if "contains errors" in lines[fatal[0]] else fatal[0]
            return "; ".join(_message(line) for line in lines[first : fatal[0] + 1])
        later = [line for line in self._server_log().splitlines() if "FATAL:" in line or "PANIC:" in line]
        return _message(later[-1]) if later else _("it gave no reason")


def _message(line: str) -> str:
    for level in ("LOG:", "FATAL:", "PANIC:"):
        if level in line:
            return line.partition(level)[2].strip()
    return line.strip()


def is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether this living process is a postgres that was started with `-D cluster`: the number alone proves nothing."""
    found = process.arguments_of(pid)
    if found is None:
        return False
    program, arguments = found
    if program != "postgres" or "-D" not in arguments[:-1]:
        return False
    return Path(arguments[arguments.index("-D") + 1]) == cluster


def _number_in(pid_file: Path) -> int | None:
    try:
        first = pid_file.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except FileNotFoundError:
        return None
    return int(first) if first.isdecimal() else None

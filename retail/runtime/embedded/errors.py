"""Every reason why the embedded servers do not run is a class here, with a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

from retail.kit.text import _


class EmbeddedError(RuntimeError):
    """Say why the embedded servers cannot run; `str()` of it is a sentence for the person at the terminal."""


class AlreadyRunning(EmbeddedError):
    """Another Countertop holds this data directory."""

    def __init__(self, data_dir: Path, pid: str) -> None:
        super().__init__(
            _(
                "Countertop is already running on {data_dir} (process {pid}); stop that one first, "
                "or choose another DATA_DIR."
            ).format(data_dir=data_dir, pid=pid or "?")
        )


class NoServiceAccount(EmbeddedError):
    """The database refuses to run as root, and there is no ordinary account to run it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The database does not run as root and no account for it could be made; run "
                "'useradd --system countertop' once, or start Countertop as an ordinary user."
            )
        )


class NamelessAccount(EmbeddedError):
    """The present user has a number but no name, which Postgres needs."""

    def __init__(self, uid: int) -> None:
        super().__init__(
            _(
                "The user with the number {uid} has no name on this machine, which the database needs; "
                "add the user to /etc/passwd, or set DATABASE_URL to a server of your own."
            ).format(uid=uid)
        )


class OtherOwner(EmbeddedError):
    """The data directory belongs to another user."""

    def __init__(self, path: Path, owner: str) -> None:
        super().__init__(
            _(
                "{path} belongs to the user {owner}; start Countertop as {owner} or as root, "
                "or choose another DATA_DIR."
            ).format(path=path, owner=owner)
        )


class UnsafeFolder(EmbeddedError):
    """A private folder exists already and is not private."""

    def __init__(self, path: Path) -> None:
        super().__init__(_("{path} is not a private folder of this user; remove it and start again.").format(path=path))


class MissingBinaries(EmbeddedError):
    """The wheel that carries a server is not installed or incomplete."""

    def __init__(self, package: str) -> None:
        super().__init__(
            _("The package {package} is not completely installed; run 'make clean run'.").format(package=package)
        )


class NoRedis(EmbeddedError):
    """There is no Redis on this machine; the shop works, pages refresh more slowly."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "There is no Redis here, so screens refresh every few seconds instead of at once; "
                "install redis-server, or set REDIS_URL."
            )
        )


class ClusterGone(EmbeddedError):
    """The place where the database was put no longer exists."""

    def __init__(self, place: Path, pointer: Path) -> None:
        super().__init__(
            _(
                "The database was kept in {place}, which is gone; bring it back, restore a backup, "
                "or remove {pointer} to start with an empty database."
            ).format(place=place, pointer=pointer)
        )


class WrongVersion(EmbeddedError):
    """The cluster was made by another major version of Postgres."""

    def __init__(self, place: Path, found: str, wanted: str) -> None:
        super().__init__(
            _(
                "The database in {place} was made by Postgres {found} and this Countertop brings Postgres {wanted}; "
                "make a backup with the Countertop that made it and restore the backup here."
            ).format(place=place, found=found, wanted=wanted)
        )


class CannotStart(EmbeddedError):
    """A server ended instead of starting; carries its own last words."""

    def __init__(self, server: str, words: str, log: Path) -> None:
        self.words = words
        super().__init__(
            _("{server} did not start: {words} (see {log}).").format(server=server, words=words.rstrip("."), log=log)
        )


class CannotProvision(EmbeddedError):
    """The database server cannot be given the roles that tenants are kept apart with."""

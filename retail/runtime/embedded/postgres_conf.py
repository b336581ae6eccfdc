"""The configuration files of the embedded Postgres, written whole at every start so that no old setting survives.

An operator's own settings go to `local.conf` in the cluster, which is read last and never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

ADMIN = "postgres"
PORT = 5432

_SETTINGS: Mapping[str, str] = {
    # who can reach it
    "listen_addresses": "",  # the socket in a private folder is enough, and no port can be taken
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    # memory: right for a shop's machine of 2 to 8 GB that also runs the application
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    # an acknowledged sale is on the disk
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # backups: full and incremental, and archiving that can be switched on without a restart
    "wal_level": "replica",
    "summarize_wal": "on",
    "archive_mode": "on",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    # clients that vanished are noticed
    "client_connection_check_interval": "2s",
    # a planner for solid-state disks; compiling plans costs more than these queries do
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    # one file per weekday, overwritten a week later; no parameters, which may be personal data
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "on",
}


def settings_text(sockets: Path, archive: Path | None, overrides: Mapping[str, str]) -> str:
    """Return postgresql.conf. With an archive folder every WAL segment is copied there, at least once a minute."""
    settings = {**_SETTINGS, "unix_socket_directories": str(sockets), **_archiving(archive), **overrides}
    lines = ["# Written at every start. Put settings of your own into local.conf beside this file.\n"]
    lines += [f"{name} = {_quoted(value)}\n" for name, value in settings.items()]
    lines.append("include_if_exists 'local.conf'\n")
    return "".join(lines)


def _archiving(archive: Path | None) -> Mapping[str, str]:
    if archive is None:
        # counts as archived and is recycled; with an empty command segments would pile up until the disk is full
        return {"archive_command": "true", "archive_timeout": "0"}
    target = str(archive).replace("'", "'\\''").replace("%", "%%")
    command = (
        f"test ! -f '{target}/%f' && cp '%p' '{target}/%f.new' && sync '{target}/%f.new' "
        f"&& mv '{target}/%f.new' '{target}/%f'"
    )
    return {"archive_command": command, "archive_timeout": "60"}


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def access_text() -> str:
    """Return pg_hba.conf: the superuser only by who the kernel says is calling, everyone else by password."""
    return (
        "# Written at every start.\n"
        f"local  all  {ADMIN}  peer map=operator\n"
        "local  all  all  scram-sha-256\n"
        "local  replication  all  peer map=operator\n"
        f"host   all  {ADMIN}  all  reject\n"
        "host   all  all  127.0.0.1/32  scram-sha-256\n"
        "host   all  all  ::1/128  scram-sha-256\n"
    )


def operators_text(names: Iterable[str]) -> str:
    """Return pg_ident.conf: the users of this machine who may be the superuser."""
    return "# Written at every start.\n" + "".join(f'operator  "{name}"  {ADMIN}\n' for name in sorted(set(names)))

"""Everything that can be set from outside, read once, frozen. Nothing here opens a file or a socket on import."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path

from retail.crossing import open_way_to_postgres, open_way_to_redis
from retail.seller import Seller

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://([a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])(:(?P<port>[0-9]{1,5}))?/?")
_UNREAD = re.compile(r"(no|do[._-]?not|never)[._-]?reply")
# Passkeys need a name, so this machine is called localhost and never by its digits: one origin for everything.
_THIS_MACHINE = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::", "localhost", ""})  # noqa: S104
FD_VARIABLE = "COUNTERTOP_LISTEN_FD"
"""Names the open listening socket that a web process inherits from `countertop up`."""


class BadSetting(ValueError):
    """An environment variable has a value that can't work; the message names it and says what would."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. An empty URL means: use the embedded server in `data_dir`."""

    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    migration_database_url: str = ""
    report_database_url: str = ""
    redis_url: str = ""
    data_dir: Path = Path(".data")
    environment: str = "development"
    public_origins: tuple[str, ...] = ()
    pool_size: int = 10
    statement_cache_size: int = 200
    log_level: str = "INFO"
    metrics_token: str = ""
    trusted_proxies: tuple[str, ...] = ()
    smtp_url: str = ""
    mail_from: str = "Countertop <no-reply@localhost>"
    base_domain: str = ""
    allowed_hosts: tuple[str, ...] = ()
    security_contact: str = ""
    outgoing_exceptions: tuple[str, ...] = ()
    upload_scanner: str = ""
    mail_api: str = ""
    sms_api: str = ""
    phrasing_api: str = ""
    seller: Seller = field(default_factory=Seller)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment, and from `.env` beside it for what the environment lacks.

        Raises BadSetting for a value that can't work.
        """
        found = {**_dotenv(Path(".env")), **os.environ} if environ is None else dict(environ)
        settings = cls(
            host=found.get("HOST", "127.0.0.1"),
            port=_whole(found, "PORT", 8000),
            database_url=found.get("DATABASE_URL", ""),
            migration_database_url=found.get("MIGRATION_DATABASE_URL", ""),
            report_database_url=found.get("REPORT_DATABASE_URL", ""),
            redis_url=found.get("REDIS_URL", ""),
            data_dir=Path(found.get("DATA_DIR", ".data")).resolve(),
            environment=found.get("COUNTERTOP_ENV", "development"),
            public_origins=_listed(found, "PUBLIC_ORIGINS"),
            pool_size=_whole(found, "DATABASE_POOL", 10),
            statement_cache_size=_whole(found, "STATEMENT_CACHE", 200),
            log_level=found.get("LOG_LEVEL", "INFO").upper(),
            metrics_token=found.get("METRICS_TOKEN", ""),
            trusted_proxies=_networks(found, "TRUSTED_PROXIES"),
            smtp_url=found.get("SMTP_URL", ""),
            mail_from=found.get("MAIL_FROM", "") or "Countertop <no-reply@localhost>",
            base_domain=found.get("BASE_DOMAIN", "").strip().lower(),
            allowed_hosts=_names(found, "ALLOWED_HOSTS"),
            security_contact=found.get("SECURITY_CONTACT", ""),
            outgoing_exceptions=_listed(found, "OUTGOING_EXCEPTIONS"),
            upload_scanner=found.get("UPLOAD_SCANNER", ""),
            mail_api=found.get("MAIL_API", ""),
            sms_api=found.get("SMS_API", ""),
            phrasing_api=found.get("PHRASING_API", ""),
            seller=_seller(found),
        )
        if settings.environment not in {"development", "production", "test"}:
            raise BadSetting("COUNTERTOP_ENV must be development, production or test.")
        _check_addresses(settings)
        if settings.production and settings.outgoing_exceptions:
            raise BadSetting(
                "OUTGOING_EXCEPTIONS opens addresses inside of the network; it can't be set in production."
            )
        if settings.production and (settings.smtp_url or settings.mail_api) and not found.get("MAIL_FROM"):
            raise BadSetting(
                "MAIL_FROM must be set beside SMTP_URL or MAIL_API, to an address like Shop <no-reply@example.com>."
            )
        if settings.production and (open_ways := _open_ways(settings, found)):
            raise BadSetting(open_ways[0])
        return settings

    @property
    def production(self) -> bool:
        """Claim that real shops depend on this process."""
        return self.environment == "production"

    @property
    def contact(self) -> str:
        """Give whom to tell of a weakness: SECURITY_CONTACT, else MAIL_FROM's address if somebody reads it, else ''."""
        address = parseaddr(self.mail_from)[1].lower()
        name, _, host = address.partition("@")
        read = "." in host and not _UNREAD.match(name)
        return self.security_contact or (address if read else "")

    @property
    def base_url(self) -> str:
        """Give the one address of this installation: announced, in mails, the way back from SSO, who issues tokens.

        From the settings alone, never from a request's Host.
        """
        if self.base_domain:
            return f"{self.base_scheme}://{self.base_domain}"
        if self.public_origins:
            return self.public_origins[0].rstrip("/")
        host = "localhost" if self.host in _THIS_MACHINE else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def base_scheme(self) -> str:
        """Give how browsers reach BASE_DOMAIN: by https, but for names that never leave this machine."""
        name = self.base_domain.partition(":")[0]
        return "http" if name == "localhost" or name.endswith((".localhost", ".test")) else "https"

    def is_ours_by_tls(self, host: str) -> bool:
        """Claim that browsers reach this host by https though the last step to us may be plain: BASE_DOMAIN says so."""
        if not self.base_domain or self.base_scheme != "https":
            return False
        name = host.lower().partition(":")[0].rstrip(".")
        domain = self.base_domain.partition(":")[0]
        return name == domain or name.endswith(f".{domain}")


def _seller(found: Mapping[str, str]) -> Seller:
    try:
        return Seller.from_env(found)
    except ValueError as wrong:
        raise BadSetting(str(wrong)) from wrong


def _check_addresses(settings: Settings) -> None:
    """Refuse addresses of this installation at which no browser could be. Raises BadSetting."""
    domain = settings.base_domain
    if domain and not (_DOMAIN.fullmatch(domain) and _is_port(domain.partition(":")[2])):
        raise BadSetting("BASE_DOMAIN must be a name like example.com, without https:// and without a path.")
    if domain.partition(":")[0].rpartition(".")[2].isdigit():
        raise BadSetting(
            f"BASE_DOMAIN must be a name like example.com, not the address {domain}: nothing can stand before its "
            "digits. Use localhost to try businesses' own hosts out, or leave it out."
        )
    for origin in settings.public_origins:
        matched = _ORIGIN.fullmatch(origin.lower())
        if matched is None or not _is_port(matched["port"] or ""):
            raise BadSetting(f"PUBLIC_ORIGINS must list addresses like https://shop.example.com, not {origin!r}.")


def _is_port(text: str) -> bool:
    return not text or 0 < int(text) < 65536


def _open_ways(settings: Settings, found: Mapping[str, str]) -> list[str]:
    """Say which servers would be reached in the clear across a network."""
    databases = {
        "DATABASE_URL": settings.database_url,
        "MIGRATION_DATABASE_URL": settings.migration_database_url,
        "REPORT_DATABASE_URL": settings.report_database_url,
    }
    said = [open_way_to_postgres(name, url, found) for name, url in databases.items() if url]
    return [sentence for sentence in [*said, open_way_to_redis(settings.redis_url)] if sentence]


def _listed(found: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in found.get(name, "").split(",") if part.strip())


def _names(found: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read names of this installation; an address or a pattern there would be taken for a name that nobody has."""
    listed = tuple(part.lower().rstrip(".") for part in _listed(found, name))
    for part in listed:
        if not _NAME.fullmatch(part):
            raise BadSetting(
                f"{name} must list names like shop.lan, without https:// and without a port, not {part!r}."
            )
    return listed


def _networks(found: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read addresses and networks of proxies; one that is neither would make every address a guess."""
    for part in _listed(found, name):
        try:
            ip_network(part, strict=False)
        except ValueError as wrong:
            raise BadSetting(f"{name} must list addresses or networks like 10.0.0.0/8, not {part!r}.") from wrong
    return _listed(found, name)


def _whole(found: Mapping[str, str], name: str, default: int) -> int:
    text = found.get(name, "")
    if not text:
        return default
    if not text.isdigit():
        raise BadSetting(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _dotenv(path: Path) -> dict[str, str]:
    """Read KEY=value lines; quotes around a value are dropped, comments and blank lines skipped."""
    if not path.is_file():
        return {}
    pairs = (
        line.split("=", 1)
        for line in path.read_text().splitlines()
        if "=" in line and not line.lstrip().startswith("#")
    )
    return {key.strip().removeprefix("export "): value.strip().strip("\"'") for key, value in pairs}


_of_process: list[Settings] = []


def use_settings(settings: Settings) -> None:
    """Have this process's jobs write where these settings say; without it the environment says it."""
    _of_process[:] = [settings]


def settings_of_process() -> Settings:
    """Give the settings that jobs work with."""
    return _of_process[-1] if _of_process else Settings.from_env()

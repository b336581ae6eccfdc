"""The shop behind nginx, which runs deploy/nginx/countertop.conf with a throw-away certificate on the loopback."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import ssl
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from retail import serve
from retail.settings import Settings
from scripts.ensure_proxy import of_system
from tests.support.callers import ROOT
from tests.support.database import Clone
from tests.support.house import eventually, free_port
from tests.support.web import KEYS

CONFIGURATION = ROOT / "deploy" / "nginx" / "countertop.conf"
DOMAIN = "example.com"
STRANGER = "127.0.0.9"
"""An address of the loopback that is no proxy of ours: whoever comes from there is somebody."""
SECONDS = 10
WRAPPER = """{user}daemon off;
pid {folder}/pid;
error_log {folder}/error.log info;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {folder}/countertop.conf;
}}
"""


class Seen(logging.Handler):
    """Keeps what the shop logs of the requests that reach it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.requests: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.requests.append(dict(record.__dict__))


class ByAddress(httpx.AsyncHTTPTransport):
    """Goes to the proxy's port whatever host a request names, from an address of one's choice."""

    def __init__(self, port: int, trust: ssl.SSLContext, source: str) -> None:
        super().__init__(verify=trust, local_address=source)
        self._port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = request.url.copy_with(host="127.0.0.1", port=self._port)
        extensions = {**request.extensions, "sni_hostname": request.url.host}
        return await super().handle_async_request(
            httpx.Request(request.method, there, headers=request.headers, stream=request.stream, extensions=extensions)
        )


@dataclass
class Front:
    """The proxy, and what reached the shop behind it."""

    tls_port: int
    plain_port: int
    app_port: int
    folder: Path
    seen: Seen
    _open: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.seen.requests

    @property
    def log(self) -> str:
        return (self.folder / "access.log").read_text()

    def trust(self) -> ssl.SSLContext:
        """Give what a browser has that trusts the throw-away authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.folder / "authority.pem"))

    def browser(self, host: str = DOMAIN, *, scheme: str = "https", source: str = STRANGER) -> httpx.AsyncClient:
        """Give a browser at a host, by way of the proxy."""
        port = self.tls_port if scheme == "https" else self.plain_port
        made = httpx.AsyncClient(
            transport=ByAddress(port, self.trust(), source),
            base_url=f"{scheme}://{host}",
            headers={"Origin": f"{scheme}://{host}"},
        )
        self._open.append(made)
        return made

    async def raw(self, request: bytes, *, host: str = DOMAIN) -> bytes:
        """Send bytes over TLS and give what comes back until the proxy ends the connection."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.tls_port, ssl=self.trust(), server_hostname=host, local_addr=(STRANGER, 0)
        )
        answer = b""
        try:
            writer.write(request)
            await writer.drain()
            async with asyncio.timeout(SECONDS):
                while part := await reader.read(65536):
                    answer += part
        except ConnectionError:
            pass  # it ends what it doesn't read with a reset
        finally:
            writer.close()
        return answer

    async def close(self) -> None:
        for one in self._open:
            await one.aclose()


def certificates(folder: Path) -> None:
    """Make an authority and a certificate for the domain and its hosts, good for a day."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _one in range(2)]
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("Throw-away", DOMAIN)]
    for at, name in enumerate(("authority", "shop")):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[at])
            .issuer_name(names[0])
            .public_key(keys[at].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=at == 0, path_length=None), critical=True)
        )
        if name == "shop":
            hosts = [x509.DNSName(DOMAIN), x509.DNSName(f"*.{DOMAIN}")]
            builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        made = builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        (folder / f"{name}.pem").write_bytes(made)
    (folder / "key.pem").write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def adapted(folder: Path, app_port: int, plain_port: int, tls_port: int) -> str:
    """Give the configuration as it is delivered, but for ports and paths."""
    text = CONFIGURATION.read_text()
    for old, new in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{app_port};"),
        ("    listen [::]:80 default_server;\n", ""),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl default_server;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80", f"listen 127.0.0.1:{plain_port}"),
        ("listen 443", f"listen 127.0.0.1:{tls_port}"),
        ("/etc/letsencrypt/live/example.com/fullchain.pem", f"{folder}/shop.pem"),
        ("/etc/letsencrypt/live/example.com/privkey.pem", f"{folder}/key.pem"),
        ("/var/log/nginx/countertop.log", f"{folder}/access.log"),
        ("/var/www/acme", f"{folder}/acme"),
    ):
        assert old in text, f"the configuration doesn't say {old!r} any more"
        text = text.replace(old, new)
    return text


@asynccontextmanager
async def serving(clone: Clone, port: int, seen: Seen, **more: Any) -> AsyncIterator[None]:
    """Run the web process as `python -m retail.serve` has it, in here."""
    settings = Settings(
        environment="test",
        host="127.0.0.1",
        port=port,
        database_url=clone.app_url,
        base_domain=DOMAIN,
        trusted_proxies=("127.0.0.1",),
        **more,
    )
    config = serve.config(settings)
    app: Any = config.app
    app.state.process.keys = KEYS
    server = uvicorn.Server(config)
    log = logging.getLogger("countertop.access")
    level = log.level
    log.addHandler(seen)
    log.setLevel(logging.INFO)
    running = asyncio.create_task(server._serve())  # without uvicorn's own signal handlers
    try:
        await eventually(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        await running
        log.removeHandler(seen)
        log.setLevel(level)


@asynccontextmanager
async def proxied(app_port: int, seen: Seen) -> AsyncIterator[Front]:
    """Run nginx before a port."""
    program = of_system()
    assert program is not None, "Run scripts/ensure_proxy.py first; it installs nginx."
    folder = Path(tempfile.mkdtemp(prefix="proxy-"))
    front = Front(free_port(), free_port(), app_port, folder, seen)
    certificates(folder)
    (folder / "acme" / ".well-known" / "acme-challenge").mkdir(parents=True)
    (folder / "countertop.conf").write_text(adapted(folder, app_port, front.plain_port, front.tls_port))
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(WRAPPER.format(folder=folder, user=user))
    running = await asyncio.create_subprocess_exec(
        program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf"),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await until_it_answers(front, running)
        yield front
    finally:
        await front.close()
        if running.returncode is None:
            running.terminate()
        await running.wait()
        shutil.rmtree(folder)


async def until_it_answers(front: Front, running: Process) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            assert running.returncode is None, (front.folder / "error.log").read_text()
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", front.tls_port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return

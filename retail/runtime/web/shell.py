"""The till's shell as its service worker keeps it: every file named with its hash, and all of them in one answer."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from retail.runtime.web.routing import PUBLIC, get
from retail.runtime.web.static import Folder, Loaded

_LEVEL: Final = 9
_BYTES: Final = "application/octet-stream"
_ALONE: Final = (".html",)
"""A page is kept with the headers it was fetched with, its policy among them: it is fetched by itself."""
_ON_USE: Final = ("/kiosk/till/words/", "/static/vendor/zxing-library@")
"""What a device keeps only when it is used there, as kiosk/sw.js has it."""


@dataclass(frozen=True)
class Edition:
    """One state of the shell: its files by path, in the order of their paths."""

    files: dict[str, Loaded]

    @cached_property
    def version(self) -> str:
        """16 hex digits of the SHA-256 of the lines "path hash"."""
        lines = "".join(f"{path} {loaded.sha256}\n" for path, loaded in self.files.items())
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    @cached_property
    def line(self) -> str:
        """The line of JavaScript that names every file with its hash; it changes when one of them does."""
        files = {path: loaded.sha256 for path, loaded in self.files.items()}
        return f"self.PRECACHE={json.dumps({'version': self.version, 'files': files}, separators=(',', ':'))};\n"

    def together(self) -> bytes:
        """Join them: a line of JSON, [path, bytes, media type] for each file, and the files one behind the other."""
        sent = {path: one for path, one in self.files.items() if not path.endswith(_ALONE) and _is_kept(path)}
        head = json.dumps([[path, len(one.body), one.media_type] for path, one in sent.items()], separators=(",", ":"))
        return b"".join([head.encode(), b"\n", *(one.body for one in sent.values())])

    @cached_property
    def packed(self) -> bytes:
        """The same, compressed by gzip."""
        return gzip.compress(self.together(), _LEVEL, mtime=0)


class Shell:
    """Knows the shell's files; with `watch` it looks each time whether one of them has changed."""

    def __init__(self, static: Folder, kiosk: Folder, *, watch: bool = False) -> None:
        self._folders = {"static": static, "kiosk": kiosk}
        self._watch = watch
        self._known: Edition | None = None

    def edition(self) -> Edition:
        """Give the shell as it is. Raises FileNotFoundError if the list names a file that doesn't exist."""
        if self._known is None or self._watch:
            files = {path: self._file(path) for path in sorted(self._paths())}
            if self._known is None or self._known.files != files:
                self._known = Edition(files)
        return self._known

    def worker(self) -> bytes:
        """Give the worker's own text. Raises HTTPException 404 where there is none."""
        loaded = self._folders["kiosk"].load("sw.js")
        if loaded is None:
            raise HTTPException(404)
        return loaded.body

    def _paths(self) -> list[str]:
        kiosk = self._folders["kiosk"]
        till = [f"/kiosk/{name}" for name in kiosk.names() if name.startswith("till/")]
        listed = kiosk.load("precache.json")
        return till + (json.loads(listed.body) if listed else [])

    def _file(self, path: str) -> Loaded:
        folder, _, name = path.lstrip("/").partition("/")
        loaded = self._folders[folder].load(name)
        if loaded is None:
            raise FileNotFoundError(f"The till's precache list names {path}, which doesn't exist.")
        return loaded


def worker_routes(shell: Shell) -> list[BaseRoute]:
    """Give the routes of the till's worker: its own text, and what it keeps."""

    async def service_worker(_request: Request) -> Response:
        """Give the service worker with the list of what it keeps; browsers compare it at every visit."""
        text = shell.edition().line.encode() + shell.worker()
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
        return Response(text, media_type="text/javascript", headers=headers)

    async def together(request: Request) -> Response:
        """Give every file of the shell in one answer, to the worker of the same version. Raises HTTPException 404."""
        edition = shell.edition()
        if request.path_params["version"] != edition.version:
            raise HTTPException(404)
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(edition.together(), headers=headers, media_type=_BYTES)
        return Response(edition.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=_BYTES)

    return [
        get("/sw.js", service_worker, permission=PUBLIC),
        get("/kiosk/shell/{version}", together, permission=PUBLIC),
    ]


def _is_kept(path: str) -> bool:
    return not path.startswith(_ON_USE)

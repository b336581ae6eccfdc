"""A web process serves the socket that it was handed as what it is."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest
import uvicorn

from retail import serve
from tests.support.database import Clone


def test_a_shared_socket_is_served_as_tcp_so_that_answers_leave_at_once(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[socket.socket] = []

    def run(_server: uvicorn.Server, sockets: Sequence[socket.socket] | None = None) -> None:
        served.extend(sockets or ())

    listener: Any = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setenv(serve.FD_VARIABLE, str(listener.fileno()))
    monkeypatch.setenv("DATABASE_URL", clone.app_url)
    serve.main()
    listener.detach()
    with served[0] as shared:
        assert (shared.family, shared.getsockname()[0]) == (socket.AF_INET, "127.0.0.1")

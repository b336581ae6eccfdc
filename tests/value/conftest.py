"""Keys for codes, and the pages over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from retail.runtime.keys import Keyring
from tests.support.values import keys_in
from tests.support.web import site

__all__ = ["site"]


@pytest.fixture
async def keyring(tmp_path: Path) -> Keyring:
    return await keys_in(tmp_path)

"""docs/security/uploads.md has the numbers that the code keeps to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from retail.runtime import picture_worker
from retail.runtime.web import uploads

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "security" / "uploads.md").read_text()


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("kinds, by the first bytes", ", ".join(uploads.FORMS.values())),
        ("bytes", f"{uploads.MOST_BYTES}"),
        ("pixels, read from the header before anything is decoded", f"{uploads.MOST_PIXELS}"),
        ("seconds for the decoder", f"{uploads.SECONDS:.0f}, of them {picture_worker.CPU_SECONDS} of the processor"),
        ("memory of the decoder", f"{picture_worker.MEMORY} bytes"),
        ("decoders at once in a web process", f"{uploads.AT_ONCE}"),
        ("room of a business", f"{uploads.QUOTA} bytes"),
    ],
)
def test_the_numbers_are_the_codes(row: str, value: str) -> None:
    assert re.findall(rf"^\| {re.escape(row)} \| ([^|]+) \|", PAGE, re.MULTILINE) == [value]


def test_the_policy_is_the_codes() -> None:
    assert uploads.POLICY in " ".join(PAGE.split())

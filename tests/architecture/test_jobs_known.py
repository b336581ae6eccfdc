"""A worker knows each job that a page can queue; one that it doesn't know waits for ever, and nothing says so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a worker process has imported once it relays; in a process of its own, for this one has imported everything.
_KNOWN = """
import json
import workers.work
from retail.live import projections
from retail.runtime.jobs import REGISTRY
projections()
print(json.dumps(sorted({kind.body.__module__ for kind in REGISTRY.values()})))
"""


def test_a_worker_knows_every_job() -> None:
    run = subprocess.run([sys.executable, "-c", _KNOWN], cwd=ROOT, capture_output=True, text=True, check=True)
    known = set(json.loads(run.stdout))
    declared = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "retail").rglob("*.py")
        if re.search(r"^@job\(", path.read_text(), re.MULTILINE)
    }
    assert declared, "no job is declared like this any more: look at what this test reads"
    assert declared - known == set()

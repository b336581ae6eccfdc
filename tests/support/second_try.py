"""A second try for what runs in a real browser on a machine that others use too; told at the end, and rarely given.

docs/decisions/0022-a-browser-test-may-be-tried-twice.md says why. What has no browser must hold the first time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDERS = frozenset({"journeys", "kiosk"})
MOST = 8  # of one run of more than five hundred: more isn't chance, and the run is red


def may_be_tried_twice(path: Path) -> bool:
    """Claim that the file lies in a folder whose tests open a browser."""
    return path.parent.name in FOLDERS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests with a browser their second try."""
    for item in items:
        if may_be_tried_twice(item.path):
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=1))


def _tried_twice(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return sorted({one.nodeid for one in reporter.stats.get("rerun", [])}) if reporter else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name every test that failed once, with what it said: it is looked into, not forgotten."""
    names = _tried_twice(config)
    if not names:
        return
    terminalreporter.section(f"failed once, tried again: {len(names)} (at most {MOST})")
    for report in terminalreporter.stats["rerun"]:
        terminalreporter.line(f"{report.nodeid}\n{report.longreprtext[-2000:]}\n")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn the run red where too many needed it."""
    if not hasattr(session.config, "workerinput") and len(_tried_twice(session.config)) > MOST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

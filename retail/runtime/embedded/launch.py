"""Become a server: drop root, die with the parent, then turn into the command. Nothing of this program remains.

Run as a file with `python -I -S launch.py PARENT SIGNAL UID GID COMMAND...`, never imported by the application. A
program of its own because the same steps in `preexec_fn` can deadlock in a process that has threads.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def _die_with_parent(signal_number: int) -> None:
    if sys.platform != "linux":
        return  # the next start finds the orphan by its pid file and ends it
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def main(arguments: list[str]) -> None:
    """Replace this process by the command; exits with 1 when the parent is already gone."""
    parent, signal_number, uid, gid = (int(argument) for argument in arguments[:4])
    command = arguments[4:]
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    _die_with_parent(signal_number)  # after setuid, which clears it
    if os.getppid() != parent:
        sys.exit(1)  # it died before the line above took effect
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])

"""Watching files: whether anybody opens them, as the system sees it."""

import ctypes
import os
from pathlib import Path

import pytest

_OPENED, _READ = 0x20, 0x1


class Watch:
    """Tells whether files were opened or read since it was last asked; by inotify, which Linux alone has."""

    def __init__(self, *paths: Path) -> None:
        system = ctypes.CDLL(None, use_errno=True)
        if not hasattr(system, "inotify_init1"):
            pytest.skip("this system has no inotify")
        self._events = system.inotify_init1(os.O_NONBLOCK)
        for path in paths:
            assert system.inotify_add_watch(self._events, os.fsencode(path), _OPENED | _READ) > 0

    def touched(self) -> bool:
        """Tell whether one of the files was opened or read."""
        try:
            return bool(os.read(self._events, 1 << 16))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Watch no more."""
        os.close(self._events)

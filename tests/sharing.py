"""How several workers share the tests. A pytest plugin.

One test is handed out at a time, in the order they were collected, so that all workers end
together and what flushes tables stays last. A file whose tests look at one costly thing goes
whole to one worker, and first, for it takes longest. pytest-xdist's own `--dist loadgroup` marks
groups in an attribute that pytest no longer reads.
"""

from __future__ import annotations

import pytest

#: Files that make something once for all their tests.
WHOLE = ("tests/config/test_seed.py",)


def sharing(nodeid: str) -> str:
    """What goes to one worker together with this test: its file, or itself alone."""
    path = nodeid.partition("::")[0]
    return path if path in WHOLE else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Sharing(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return sharing(nodeid)

    return Sharing(config, log)

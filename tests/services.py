"""Which services this run has. A pytest plugin: a test marked with a need it cannot have is
skipped with the reason (or, with SERVICES=required, stops the run), and what did not run is
said in the last lines."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

REQUIRED = os.environ.get("SERVICES", "") == "required"


@cache
def chromium() -> str:
    """The path of a Chromium to drive, or "". CHROMIUM names one outright."""
    named = os.environ.get("CHROMIUM", "")
    names = (named,) if named else ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), "")


@cache
def samples() -> Path | None:
    """The folder of sample calendars: SAMPLES_DIR, else `samples` beside or above the checkout."""
    named = os.environ.get("SAMPLES_DIR", "")
    root = Path(__file__).resolve().parent.parent
    places = (Path(named),) if named else (root / "samples", root.parent / "shared" / "samples")
    return next((place for place in places if place.is_dir()), None)


@cache
def redis_answers() -> bool:
    import redis

    url = os.environ.get("REDIS_URL", "")
    try:
        return bool(url) and redis.Redis.from_url(url, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return False


def lacks_postgresql() -> str:
    from django.conf import settings

    engine = settings.DATABASES["default"]["ENGINE"]
    return "" if engine.endswith("postgresql") else "needs PostgreSQL (set DATABASE_URL, or install postgresql)"


def lacks_redis() -> str:
    return "" if redis_answers() else "needs Redis (set REDIS_URL, or install redis-server)"


def lacks_fet() -> str:
    return "" if shutil.which("fet-cl") else "needs FET (Debian: fet, fet-data)"


def lacks_samples() -> str:
    return "" if samples() else "needs the sample calendars (set SAMPLES_DIR)"


def lacks_browser() -> str:
    return "" if chromium() else "needs Chromium (Debian: chromium, or set CHROMIUM)"


def lacks_minutes() -> str:
    asked = any(os.environ.get(name) for name in ("SLOW", "LONG", "STORM"))
    return "" if asked else "takes more than a few seconds (make slow)"


def lacks_patience() -> str:
    return "" if os.environ.get("LONG") else "takes many minutes (make long)"


def lacks_storm() -> str:
    return "" if os.environ.get("STORM") else "thousands of races and kills (make storm)"


#: What a test that keeps rows asks for. The others say the same whichever database there is.
DATABASE = {"db", "transactional_db", "live_server"}

#: marker → (a sentence when it is lacking, whether SERVICES=required insists on it)
NEEDS = {
    "needs_postgresql": (lacks_postgresql, True),
    "needs_redis": (lacks_redis, True),
    "needs_fet": (lacks_fet, True),
    "browser": (lacks_browser, True),
    "needs_samples": (lacks_samples, False),  # files, not a service: a clone may not have them
    "slow": (lacks_minutes, False),
    "long": (lacks_patience, False),
    "storm": (lacks_storm, False),
}


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)
    lacking: set[str] = set()
    for marker, (lacks, insist) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        reason = lacks() if marked else ""
        if not reason:
            continue
        if REQUIRED and insist:
            lacking.add(reason)
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=reason))
    if lacking:
        raise pytest.UsageError("services are required, but this run " + "; ".join(sorted(lacking)))


class NotRun:
    """Collects what was skipped, and says it after everything else."""

    def __init__(self, reporter) -> None:
        self.reporter = reporter
        self.reasons: dict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.reasons[reason.removeprefix("Skipped: ")].append(report.nodeid)

    def say(self) -> None:
        for reason, tests in sorted(self.reasons.items()):
            files = ", ".join(sorted({test.partition("::")[0] for test in tests}))
            self.reporter.write_line(f"Did not run: {len(tests)} × {reason} ({files})")

    # With services required, pytest's own summary is the last word; otherwise this is.
    def pytest_terminal_summary(self) -> None:
        if REQUIRED:
            self.say()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        if not REQUIRED:
            self.say()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not hasattr(config, "workerinput"):
        config.pluginmanager.register(NotRun(reporter), "not-run")


@pytest.fixture
def samples_dir() -> Path:
    found = samples()
    assert found, "mark the test needs_samples"
    return found


@pytest.fixture
def redis_url():
    """A Redis of this run's own: database 15 of the server, empty before and after."""
    import redis

    url = os.environ["REDIS_URL"].rstrip("/")
    scheme, _, rest = url.partition("://")
    own = f"{scheme}://{rest.partition('/')[0]}/15"
    client = redis.Redis.from_url(own)
    client.flushdb()
    yield own
    client.flushdb()
    client.close()

"""The demonstration: made once, then looked at by everybody who may sign in to it."""

from __future__ import annotations

import logging
import time
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.demo.people import SIGN_INS
from hubs.models import Hub, LogEntry, Message, User
from opportunities.models import Opportunity, PlanStep
from placements.domain.capacity import recount
from placements.models import Encounter, Placement, PlacementRequest
from schools.models import School, Student, Term

MOST_QUERIES = 25
SCHOOL_PAGES = ("home", "school-groups", "school-calendar", "school-sessions", "school-requests", "people")
EMPLOYER_PAGES = (
    "home", "employer-organisation", "employer-plan", "employer-opportunities", "employer-placements", "people",
)  # fmt: skip
HUB_PAGES = ("wagtailadmin_home", "catalogue", "people")
PUBLIC_PAGES = ("/", "/opportunities/", "/for-employers/", "/news/")

#: Where the slowest pages are told of: pytest -rP shows it.
log = logging.getLogger(__name__)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, in a transaction that is rolled back after the last test of this module."""
    folder = tmp_path_factory.mktemp("demo")
    private = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(folder)}}
    changed = override_settings(
        DEMO=True, VAR_DIR=folder, MAILBOX_DIR=folder / "mail", HUB_STAFF_NEED_MFA=False,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={"default": private, "private": private,
                  "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    )  # fmt: skip
    with django_db_blocker.unblock(), changed, transaction.atomic():
        call_command("seed", verbosity=2, stdout=(said := StringIO()))
        yield folder, said.getvalue()
        transaction.set_rollback(True)


def test_seed_tells_every_story_to_its_end(demo):
    _folder, said = demo
    assert [line for line in said.splitlines() if "left out" in line] == []


def test_seed_counts_places_truly(demo):
    assert recount() == []


@pytest.mark.parametrize("model", [Placement, PlacementRequest, Opportunity, PlanStep])
def test_seed_shows_every_state(demo, model):
    assert set(model.objects.values_list("state", flat=True)) == set(model.State.values)


def test_seed_is_as_large_as_promised(demo):
    harbour = Hub.objects.get(slug="harbour")
    assert School.objects.filter(hub=harbour).count() == 12
    assert Opportunity.objects.filter(hub=harbour, state="submitted").count() == 3
    assert Opportunity.objects.filter(hub=harbour, state="published").count() >= 35
    meaningful = Counter(Encounter.objects.values_list("meaningful", flat=True))
    assert meaningful[True] > 50
    assert meaningful[False] > 50


def test_seed_names_no_student(demo):
    assert list(Student.objects.exclude(name="")) == []


def test_seed_writes_nothing_into_the_future(demo):
    now = timezone.now()
    assert LogEntry.objects.filter(at__gt=now).count() == 0
    assert Message.objects.filter(sent_at__gt=now).count() == 0
    assert Message.objects.filter(state="failed").count() == 0


def test_seed_keeps_few_mails(demo):
    folder, _said = demo
    mails = list((folder / "mail").glob("*.eml"))
    assert 20 <= len(mails) <= 60


def test_seed_prints_who_may_sign_in(demo):
    folder, _said = demo
    sheet = (folder / "demo-sign-ins.txt").read_text(encoding="utf-8")
    assert [row.email for row in SIGN_INS if row.email not in sheet] == []
    assert User.objects.filter(email__in=[row.email for row in SIGN_INS]).count() == len(SIGN_INS)


def test_seed_again_does_nothing_when_asked_so(demo):
    before = LogEntry.objects.count()
    call_command("seed", if_empty=True)
    assert LogEntry.objects.count() == before
    with pytest.raises(CommandError):
        call_command("seed")


@pytest.mark.parametrize("sign_in", SIGN_INS, ids=lambda row: row.email)
def test_seed_pages_answer_everybody_quickly(demo, settings, sign_in):
    settings.DEMO = True
    user = User.objects.get(email=sign_in.email)
    memberships = user.live_memberships
    hub = memberships[0].hub if memberships else Hub.objects.get(slug="harbour")
    client = Client(headers={"host": hub.hostname})
    client.force_login(user)
    organisation = memberships[0].organisation if memberships else None
    names = HUB_PAGES if organisation is None else SCHOOL_PAGES if organisation.kind == "school" else EMPLOYER_PAGES
    looked = [_look(client, path) for path in (*map(reverse, names), *PUBLIC_PAGES)]
    log.warning("slowest for %s: %s", sign_in.email, sorted(looked, key=lambda one: -one[3])[:4])
    assert [one for one in looked if one[1] != 200] == []
    assert [one for one in looked if one[2] > MOST_QUERIES] == []


def _look(client: Client, path: str) -> tuple[str, int, int, int]:
    """(path, status, queries, milliseconds) of the second look, when nothing is looked up for the first time."""
    client.get(path)
    started = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    return path, response.status_code, len(queries), round((time.perf_counter() - started) * 1000)


def test_seed_leaves_a_school_to_begin_and_one_to_renew(demo):
    today = timezone.localdate()
    ahead = set(Term.objects.filter(ends_on__gte=today).values_list("school__name", flat=True))
    without = School.objects.exclude(name__in=ahead).order_by("name").values_list("name", flat=True)
    assert list(without) == ["Millbeck School", "Upper Fern Free School"]

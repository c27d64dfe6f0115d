"""The demonstration: made once, then looked at by everybody who may sign in to it."""

from __future__ import annotations

import logging
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from config.demo.people import SIGN_INS
from hubs.models import Hub, LogEntry, Message, User
from opportunities.models import Opportunity, PlanStep
from placements.domain.capacity import recount
from placements.models import Encounter, Placement, PlacementRequest
from schools.domain.compile import compile_schools
from schools.models import School, Student, Term
from tests.journey.crawl import walk

MOST_QUERIES = 25

#: Where the pages that ask most are told of: pytest -rP shows it.
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
        # Its own: where sites begin is kept in the cache, and another worker's, of other keys, have the same addresses.
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(folder)}},
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


def test_seed_has_an_offer_that_asks_some_schools_first(demo):
    offer = Opportunity.objects.get(title="A plank, a frame and a tide table")
    now = timezone.now()
    named, priority, other = (
        School.objects.get(name=name)
        for name in ("Quayside School", "The Lantern Centre", "Stonewick Community School")
    )
    assert (offer.state, list(offer.first_schools.order_by("name").values_list("name", flat=True))) == (
        "published",
        ["Harbour Technical College", "Quayside School"],
    )
    assert [offer.opens_to(school, now) for school in (named, priority, other)] == [None, None, offer.all_from]
    session = offer.sessions.order_by("starts_at").first()
    coordinator = Client()
    coordinator.force_login(User.objects.get(email="careers@quayside.example"))
    page = coordinator.get(f"/school/sessions/{session.pk}/", headers={"host": offer.hub.hostname})
    assert (page.status_code, page.context["opens_on"]) == (200, None)
    staff = Client()
    staff.force_login(User.objects.get(email="amina@harbour.example"))
    assert staff.get(f"/admin/opportunities/{offer.pk}/", headers={"host": offer.hub.hostname}).status_code == 200


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
    assert 20 <= len(mails) <= 90


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


@pytest.fixture(scope="module")
def visits(demo):
    """Every page of the demo, opened by everybody who finds a link to it.

    A process at work has the calendars at hand; a first page after a change reads them in ten queries more.
    """
    compile_schools(list(School.objects.select_related("hub")))
    return walk()


def test_seed_pages_answer_everybody_within_their_queries(visits):
    log.warning("most queries: %s", sorted(visits, key=lambda visit: -visit.queries)[:5])
    assert len(visits) > 300
    assert [visit for visit in visits if visit.status != (404 if visit.path == "/no-such-page/" else 200)] == []
    assert [visit for visit in visits if visit.queries > MOST_QUERIES] == []


def test_seed_pages_lead_to_every_signed_link(visits):
    assert {"invitation", "answer-link", "host-link", "consent-link"} - {visit.route for visit in visits} == set()


def test_seed_leaves_a_school_to_begin_and_one_to_renew(demo):
    today = timezone.localdate()
    ahead = set(Term.objects.filter(ends_on__gte=today).values_list("school__name", flat=True))
    without = School.objects.exclude(name__in=ahead).order_by("name").values_list("name", flat=True)
    assert list(without) == ["Millbeck School", "Upper Fern Free School"]

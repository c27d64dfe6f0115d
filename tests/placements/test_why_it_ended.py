"""Why a placement ended by itself: a code in the row, a sentence for whoever reads it."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from hubs.models import LogEntry
from hubs.reasons import REASONS
from placements.domain import answers, brokering
from placements.models import Placement
from placements.roads import history
from tests import scenes
from tests.cast import NOW
from tests.placements.test_surplus import asking, lead

ELSEWHERE = "Another employer said yes first, so these places are not needed any more."
WORDS = import_module("placements.migrations.0017_why_it_ended")


@pytest.fixture
def taken_back(cast) -> Placement:
    asked = asking(cast, 6)
    answers.accept(asked[0], by=lead(cast, cast.employer), now=NOW)
    return Placement.objects.get(pk=asked[1].pk)


def test_the_school_the_hub_and_the_api_read_a_sentence(cast, taken_back, client, clock, office):
    assert (taken_back.reason, taken_back.ended_because) == ("", "found_elsewhere")
    client.force_login(cast.coordinator)
    page = client.get(reverse("school-placement", args=[taken_back.pk])).content.decode()
    assert page.count(ELSEWHERE) == 2  # beside the state, and in what happened
    client.force_login(cast.amina)
    for page in (reverse("placements:inspect", args=[taken_back.pk]), reverse("log:index")):
        assert ELSEWHERE in client.get(page).content.decode()
    client.force_login(cast.coordinator)
    said = client.get(f"/api/v1/placements/{taken_back.pk}/").json()
    assert (said["reason"], said["ended_because"]) == (ELSEWHERE, "found_elsewhere")


def test_a_reader_reads_it_in_their_own_language(taken_back):
    with translation.override("de"):
        assert taken_back.why == history(taken_back)[0]["reason"] != ELSEWHERE
        assert taken_back.why.startswith("Ein anderer Betrieb")


def test_a_hold_that_ran_out_says_so_and_what_somebody_wrote_stays(cast):
    request = scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)), of=scenes.group(cast.school))
    placement = brokering.hold(request, request.wishes.get().session, by=scenes.desk(cast), now=NOW)
    later = placement.held_until + dt.timedelta(minutes=1)
    assert brokering.release_run_out(Placement.objects.all(), now=later) == 1
    placement.refresh_from_db()
    assert placement.why == str(REASONS["hold_expired"])
    again = brokering.hold(request, request.wishes.get().session, by=scenes.desk(cast), now=NOW)
    brokering.release(again, by=scenes.desk(cast), now=NOW, reason="passed over")
    assert (again.why, LogEntry.objects.about(again).first().why) == ("passed over", "passed over")


def test_what_the_log_said_before_is_read_with_its_sentence(cast, taken_back):
    old = LogEntry(hub=cast.hub, hat="system", reason="found elsewhere", facts={})
    assert (old.why, LogEntry(hat="coordinator", reason="found elsewhere", facts={}).why) == (
        ELSEWHERE, "found elsewhere",
    )  # fmt: skip


def test_what_was_stored_gets_its_code_and_goes_back(cast, taken_back):
    row = Placement.objects.filter(pk=taken_back.pk)
    WORDS.to_words(apps, None)
    assert row.values_list("reason", "ended_because").get() == ("found elsewhere", "")
    WORDS.to_codes(apps, None)
    assert row.values_list("reason", "ended_because").get() == ("", "found_elsewhere")
    row.update(reason="We are moving house", ended_because="")
    WORDS.to_codes(apps, None)
    assert row.values_list("reason", "ended_because").get() == ("We are moving house", "")


@pytest.mark.parametrize("wrong", [{"ended_because": "bored"}, {"reason": "x"}, {"state": "declined"}])
def test_the_database_keeps_codes_that_there_are_where_it_ended_by_itself(taken_back, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.filter(pk=taken_back.pk).update(**wrong)

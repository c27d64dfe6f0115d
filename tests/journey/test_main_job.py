"""PRODUCT.md's main job, from an empty database to a plan step done, by clicking."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from pathlib import Path

import pytest
from django.conf import settings

from hubs.models import Message
from opportunities.models import PlanStep
from placements.models import Encounter
from tests.journey import employer_scenes as employer
from tests.journey import hub_scenes as hub
from tests.journey import school_scenes as school
from tests.journey.stage import Stage

#: A Tuesday in term, ten in the morning in London.
BEGINS = dt.datetime(2026, 9, 15, 9, 0, tzinfo=dt.UTC)


def invitations_are_out(stage: Stage) -> None:
    """Both sides got a mail that calendars read as an invitation."""
    stage.work()
    found = {}
    for path in Path(settings.MAILBOX_DIR).glob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                found[mail["To"]] = (part.get_param("method"), "METHOD:REQUEST" in part.get_content())
    assert {address: how for address, how in found.items() if "family" not in address} == {
        hub.SCHOOL: ("REQUEST", True),
        hub.EMPLOYER: ("REQUEST", True),
    }


def without_scripts(stage: Stage) -> None:
    """The request and the answer once more, by people whose browsers run no script."""
    page = stage.stranger(java_script_enabled=False)
    page.goto("/home/")
    stage.sign_in(page, hub.SCHOOL)
    school.ask_for_places(stage, page, "10B", "10 Nov", "24-plain")
    hub.broker(stage, "24-plain")
    employer.answer(stage, stage.stranger(java_script_enabled=False), "24-plain")


def the_morning_before(stage: Stage) -> None:
    """Reminders came out by themselves, once."""
    stage.clock.move_to(employer.MORNING_BEFORE)
    stage.work()
    for address in (hub.SCHOOL, hub.EMPLOYER):
        sent = Message.objects.filter(address=address, kind="starts-tomorrow", state="sent")
        assert sent.count() == 1, address
    assert stage.work() == 0


def it_counts(stage: Stage) -> None:
    """Three encounters, each with all the flags its type asks for; the plan's step is done."""
    assert list(Encounter.objects.values_list("attended", "meaningful")) == [(True, True)] * 3
    step = PlanStep.objects.get(opportunities__title=employer.TITLE)
    assert step.state == "done"


STEPS = (
    hub.install,
    hub.visit_the_site,
    hub.the_hub_lead_joins,
    hub.write_a_plan,
    hub.publish_the_plan,
    hub.bring_people_in,
    employer.adopt_a_plan,
    employer.file_the_insurance,
    employer.publish,
    employer.hub_approves,
    school.load_the_term_dates,
    school.set_the_bell,
    school.load_the_timetable,
    school.see_what_fits,
    school.ask_for_places,
    hub.broker,
    employer.answer,
    invitations_are_out,
    employer.declare,
    employer.prepare_the_foreman,
    school.clear,
    school.subscribe,
    without_scripts,
    the_morning_before,
    employer.host_the_day,
    school.close_the_register,
    employer.see_the_step_done,
    it_counts,
)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_main_job_is_done_by_clicking(stage):
    for step in STEPS:
        step(stage)
    assert stage.complaints == []

"""What happens when an employer does not answer: as its hub sets it, for what was not sent yet, people at the end."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.delivery import drain
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from placements.domain import ladder
from placements.models import Ladder, Placement
from placements.views_ladder import foreseen
from placements.worklists_rows import stale
from tests import scenes
from tests.cast import NOW, actor, join, person

DAY = dt.timedelta(days=1)
KINDS_OF_IT = ("answer-reminder", "answer-overdue")


def planned(**narrow) -> list[tuple[str, str]]:
    """(version, local date) of what is written and not sent."""
    rows = Message.objects.filter(kind__in=KINDS_OF_IT, state="due", **narrow).order_by("due_at", "pk")
    return [(row.version, f"{row.due_at:%m-%d}") for row in rows]


def still_wanted() -> list[str]:
    rows = Message.objects.filter(kind__in=KINDS_OF_IT, state="due").order_by("due_at", "pk")
    found = ((row, Placement.objects.select_related("hub").get(pk=row.subject_id)) for row in rows)
    return [row.version for row, subject in found if KINDS[row.kind].live(subject, row, NOW)]


def change(cast, **fields) -> None:
    ladder.change(cast.hub, fields, by=actor(cast.amina, cast.hub), now=NOW)


def test_reminders_then_the_manager_then_the_leads(cast):
    """Asked on Tuesday 15 September 2026: due on the 22nd, five working days later."""
    cast.employer.manager = join(person("bob@harbour.example", "Bob"), cast.hub, "careers_manager")
    cast.employer.save()
    row = scenes.placement(cast, state="offered")
    assert f"{row.answer_by:%a %m-%d}" == "Tue 09-22"
    assert planned(organisation=cast.employer) == [("first_reminder.2", "09-17"), ("second_reminder.4", "09-21")]
    told = Message.objects.filter(kind="answer-overdue").order_by("due_at")
    assert [(m.version, m.address, f"{m.due_at:%m-%d}") for m in told] == [
        ("manager_after.1", "bob@harbour.example", "09-23"), ("lead_after.3", cast.amina.email, "09-25"),
    ]  # fmt: skip


def test_who_leads_reads_how_late_it_is(cast, mailoutbox):
    scenes.placement(cast, state="offered")
    Message.objects.exclude(version="lead_after.3").delete()
    drain(lambda: Message.objects.get().due_at)
    (mail,) = mailoutbox
    assert mail.subject.startswith("No answer: Brightwater")
    assert "was due 3 working days ago" in mail.body


def test_an_answer_ends_it(cast):
    row = scenes.placement(cast, state="accepted")
    reminder = Message.objects.filter(kind="answer-overdue").first()
    assert not KINDS["answer-overdue"].live(row, reminder, NOW)


def test_a_change_holds_for_what_was_not_sent_and_for_no_other_hub(cast):
    scenes.placement(cast, state="offered")
    elsewhere = Ladder.objects.create(hub=cast.hub_b)
    change(cast, first_reminder=1, second_reminder=None, manager_after=2, lead_after=5)
    assert still_wanted() == ["first_reminder.1", "manager_after.2", "lead_after.5"]
    elsewhere.refresh_from_db()
    assert elsewhere.lead_after == 3
    change(cast, first_reminder=2, second_reminder=4, manager_after=1, lead_after=3)
    assert still_wanted() == ["first_reminder.2", "second_reminder.4", "manager_after.1", "lead_after.3"]
    assert LogEntry.objects.about(cast.hub).first().facts["ladder"]["lead_after"] == 3


def test_a_change_reminds_nobody_of_what_lies_behind(cast):
    scenes.placement(cast, state="offered")
    ladder.change(cast.hub, {"first_reminder": 1}, by=actor(cast.amina, cast.hub), now=NOW + 3 * DAY)
    assert "first_reminder.1" not in dict(planned())


def test_an_offer_made_while_it_was_changed_is_found_by_the_job(cast):
    scenes.placement(cast, state="offered")
    Ladder.objects.create(hub=cast.hub, lead_after=7, changed_at=NOW)
    assert ladder.write_changed(NOW) == 1
    assert "lead_after.7" in dict(planned())
    before = Message.objects.count()
    assert ladder.write_changed(NOW + 2 * DAY) == 0
    assert Message.objects.count() == before


def test_answer_days_are_the_hubs_own(cast):
    change(cast, answer_days=10)
    assert f"{scenes.placement(cast, state='offered').answer_by:%m-%d}" == "09-29"


def test_stale_counts_from_when_the_answer_was_due(cast):
    row = scenes.placement(cast, state="offered")
    due = row.answer_by
    assert not stale(cast.hub, due + 2 * DAY).exists()
    assert list(stale(cast.hub, due + 3 * DAY)) == [row]
    change(cast, lead_after=1, manager_after=1)
    assert list(stale(cast.hub, due + 1 * DAY)) == [row]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"answer_days": 0}, "whole numbers from 1 to 20"),
        ({"lead_after": 21}, "whole numbers from 1 to 20"),
        ({"first_reminder": None}, "needs a first one"),
        ({"first_reminder": 0}, "at least a day after asking"),
        ({"second_reminder": 5}, "before the answer is due"),
        ({"first_reminder": 4}, "comes after the first"),
        ({"manager_after": 4}, "not after the leads"),
    ],
)
def test_steps_out_of_order_are_refused_in_words(cast, fields, words):
    with pytest.raises(Refused, match=words):
        change(cast, **fields)
    assert not Ladder.objects.exists()


def test_only_leads_of_the_hub_change_it(cast):
    for by in (actor(cast.ben, cast.hub), actor(cast.chloe, cast.hub_b)):
        with pytest.raises(CannotAct):
            ladder.change(cast.hub, {"lead_after": 5}, by=by, now=NOW)


def test_what_would_happen_is_told_with_its_dates(cast):
    found = [(f"{on:%m-%d}", what) for on, what in foreseen(Ladder(hub=cast.hub), NOW)]
    assert found == [
        ("09-15", "The employer is asked."),
        ("09-17", "The employer is reminded."),
        ("09-21", "The employer is reminded again."),
        ("09-22", "Until the evening of this day the employer may answer."),
        ("09-23", "The careers manager of the employer is told, and rings."),
        ("09-25", "The leads of the hub are told; the desk shows it among the offers gone stale."),
    ]


def test_the_page_looks_first_keeps_and_says_what_is_wrong(cast, client, office):
    client.force_login(cast.amina)
    url = reverse("ladder:edit")
    sent = {"answer_days": 7, "first_reminder": 3, "second_reminder": "", "manager_after": 2, "lead_after": 4}
    looked = client.post(url, {**sent, "look": "1"}).content.decode()
    assert "reminded again" not in looked
    assert not Ladder.objects.exists()
    assert (
        "needs a first one" in client.post(url, {**sent, "first_reminder": "", "second_reminder": 2}).content.decode()
    )
    assert client.post(url, sent).status_code == 302
    row = Ladder.objects.get()
    assert (row.hub, row.answer_days, row.second_reminder, row.lead_after) == (cast.hub, 7, None, 4)

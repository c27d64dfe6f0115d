"""A change that is asked for stands wherever whoever is asked looks: home, placement, lists, the hub's page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from placements.domain import amending, moving
from placements.domain.answers import cancel
from placements.models import Amendment, Placement
from placements.needs import school_needs
from placements.needs_employer import employer_needs
from tests import scenes
from tests.cast import NOW, actor

WHY = "The hall is let that day."
WEEK = dt.timedelta(weeks=1)


def agreed(cast, name: str = "10A"):
    """An agreed placement, and another day of the same offer."""
    row = scenes.placement(cast, state="accepted", of=scenes.group(cast.school, name))
    return row, scenes.session(row.session.opportunity, on=scenes.DAY + WEEK)


def coordinator(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def asked(cast, by, name: str = "10A") -> Placement:
    row, other = agreed(cast, name)
    amending.propose(row, session=other, reason=WHY, by=by, now=NOW)
    return row


def at_school(cast, now=NOW) -> list[str]:
    return [need.action_url for need in school_needs(cast.school, now=now) if need.title.startswith("May this")]


def at_employer(cast, now=NOW) -> list[str]:
    found = employer_needs(cast.employer, now=now, leads=True)
    return [need.action_url for need in found if need.title.startswith("May this")]


def test_what_the_school_asks_waits_on_the_employers_home_alone(cast):
    row = asked(cast, coordinator(cast))
    assert (at_school(cast), at_employer(cast)) == ([], [reverse("employer-placement-change", args=[row.pk])])
    need = next(n for n in employer_needs(cast.employer, now=NOW, leads=False) if n.title.startswith("May this"))
    assert (need.who, need.since, need.due) == (cast.school.name, NOW, row.session.first_on)


def test_what_the_employer_asks_waits_on_the_schools_home_alone(cast):
    row = asked(cast, lead(cast))
    assert (at_school(cast), at_employer(cast)) == ([reverse("school-placement-change", args=[row.pk])], [])


def test_what_the_hub_asks_waits_on_both_until_each_has_answered(cast):
    row = asked(cast, scenes.desk(cast))
    change = row.amendments.get()
    assert (len(at_school(cast)), len(at_employer(cast))) == (1, 1)
    amending.agree(change, by=lead(cast), now=NOW)
    assert (len(at_school(cast)), len(at_employer(cast))) == (1, 0)
    amending.agree(change, by=coordinator(cast), now=NOW)
    assert (at_school(cast), at_employer(cast)) == ([], [])


def test_nothing_waits_once_it_is_called_off_or_has_begun(cast):
    row = asked(cast, scenes.desk(cast))
    assert (at_school(cast, now=row.session.starts_at), at_employer(cast, now=row.session.starts_at)) == ([], [])
    cancel(row, "Closed", by=lead(cast), now=NOW)
    assert (at_school(cast), at_employer(cast)) == ([], [])


def test_other_days_for_the_whole_session_wait_on_the_home_of_a_school_whose_places_are_held(cast):
    row = scenes.placement(cast, state="held")
    days = [(on + WEEK, start, end) for on, start, end in moving.as_it_is(row.session)]
    moving.move_session(row.session, days, reason=WHY, by=lead(cast), now=NOW)
    assert at_school(cast) == [reverse("school-placement-change", args=[row.pk])]
    assert at_employer(cast) == []


@pytest.mark.parametrize("person", ["other_school", "other_employer"])
def test_nobody_elses_change_waits_on_a_home(cast, person):
    asked(cast, scenes.desk(cast))
    theirs = getattr(cast, person)
    found = school_needs(theirs, now=NOW) if person == "other_school" else employer_needs(theirs, now=NOW, leads=True)
    assert [need.title for need in found if need.title.startswith("May this")] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_homes_ask_one_statement_for_all_changes(cast, rows, django_assert_num_queries):
    for number in range(rows):
        asked(cast, scenes.desk(cast), f"10{number}")
    assert (len(at_school(cast)), len(at_employer(cast))) == (rows, rows)
    standing = Amendment.objects.standing(NOW)
    assert standing.count() == rows
    with django_assert_num_queries(SCHOOL_ASKS):
        at_school(cast)
    with django_assert_num_queries(EMPLOYER_ASKS):
        at_employer(cast)


SCHOOL_ASKS, EMPLOYER_ASKS = 12, 11


def visit(client, person, route: str, row: Placement) -> str:
    client.force_login(person)
    return client.get(reverse(route, args=[row.pk])).content.decode()


def test_the_placements_pages_show_the_difference_and_lead_to_the_answer(client, cast, clock):
    row = asked(cast, coordinator(cast))
    employers = visit(client, cast.employer_lead, "employer-placement", row)
    schools = visit(client, cast.coordinator, "school-placement", row)
    for page in (employers, schools):
        assert "<del>Tue 20 October</del><br><strong>Tue 27 October</strong>" in page
        assert WHY in page
    link = reverse("employer-placement-change", args=[row.pk])
    assert "You are asked." in employers
    assert f'<a href="{link}">Answer</a>' in employers
    link = reverse("school-placement-change", args=[row.pk])
    assert "You are asked." not in schools
    assert f'<a href="{link}">See the change</a>' in schools


def test_a_placement_nobody_asks_to_change_says_nothing_of_it(client, cast, office):
    row, _other = agreed(cast)
    assert "change is asked for" not in visit(client, cast.coordinator, "school-placement", row)
    assert "See the change" not in visit(client, cast.employer_lead, "employer-placement", row)
    assert "A change is asked for" not in visit(client, cast.amina, "placements:inspect", row)


def test_lists_say_that_a_change_is_asked_for(client, cast, office):
    row = asked(cast, scenes.desk(cast))
    client.force_login(cast.employer_lead)
    assert [c["state"]["word"] for c in client.get(reverse("employer-placements")).context["cards"]] == [
        "Change asked for"
    ]
    client.force_login(cast.coordinator)
    assert [line["state"]["word"] for line in client.get(reverse("school-requests")).context["rows"]] == [
        "Change asked for"
    ]
    client.force_login(cast.amina)
    assert "asked for" in client.get(reverse("placements:index")).content.decode()
    amending.refuse(row.amendments.get(), "No", by=lead(cast), now=NOW)
    assert "asked for" not in client.get(reverse("placements:index")).content.decode()
    client.force_login(cast.coordinator)
    assert [line["state"]["word"] for line in client.get(reverse("school-requests")).context["rows"]] == ["Ready"]


def act(row: Placement, verb: str) -> str:
    return reverse("placements:act", args=[row.pk, verb])


def test_the_hub_answers_on_the_placements_page(client, cast, office):
    row = asked(cast, coordinator(cast))
    page = visit(client, cast.amina, "placements:inspect", row)
    assert "<del>Tue 20 October</del> <strong>Tue 27 October</strong>" in page
    change = row.amendments.get()
    assert f"{act(row, 'agree-change')}?seen={change.pk}" in page
    client.post(act(row, "agree-change"), {"seen": change.pk})
    change.refresh_from_db()
    assert (change.state, Placement.objects.get(pk=row.pk).session_id) == ("agreed", change.changes["session"][1])
    assert "agree-change" not in visit(client, cast.amina, "placements:inspect", row)


def test_the_hub_says_no_with_a_reason(client, cast, office):
    row = asked(cast, coordinator(cast))
    client.force_login(cast.amina)
    change = row.amendments.get()
    client.post(act(row, "refuse-change"), {"seen": change.pk, "text": ""})
    assert row.amendments.get().state == "proposed"
    client.post(act(row, "refuse-change"), {"seen": change.pk, "text": "They cannot."})
    assert row.amendments.get().state == "refused"


def test_the_hub_never_answers_a_change_it_did_not_read(client, cast, office):
    row = asked(cast, coordinator(cast))
    read = row.amendments.get()
    amending.refuse(read, "No", by=lead(cast), now=NOW)
    later = amending.propose(row, supervisor="Sam Reed", reason=WHY, by=coordinator(cast), now=NOW)
    client.force_login(cast.amina)
    page = client.post(act(row, "agree-change"), {"seen": read.pk}).content.decode()
    later.refresh_from_db()
    assert ("Another change is asked for by now" in page, later.state) == (True, "proposed")


def test_a_viewer_of_the_hub_reads_and_does_not_answer(client, cast, office):
    row = asked(cast, coordinator(cast))
    assert "agree-change" not in visit(client, cast.ben, "placements:inspect", row)
    answer = client.post(act(row, "agree-change"), {"seen": row.amendments.get().pk})
    assert (answer.status_code, row.amendments.get().state) == (403, "proposed")

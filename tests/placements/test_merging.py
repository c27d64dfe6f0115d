"""Two records of one employer become one: nothing is lost, and what cannot be had twice is decided and said."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps

from employers import assessing, badges, domain, framing, importing
from employers.import_plan import plan_import
from employers.models import Badge, Contact, Employer, EvidenceFigure, RoundPlace, SelfAssessment, Site
from hubs.actors import system
from hubs.domain.notes import write_note
from hubs.domain.people import invite
from hubs.errors import CannotAct, Refused
from hubs.models import Invitation, LogEntry, Membership, Message, MessagePreference, Note, Organisation, Role
from opportunities.models import ActionPlan, ActionPlanTemplate, Cap, Opportunity, Pathway, PlanStep, Pledge, Session
from placements.domain import answers
from placements.domain.merging import CannotMerge, gather_stragglers, merge
from placements.domain.merging_notes import held_by, notes_of
from placements.domain.merging_things import LEFT, THINGS, Pair
from placements.models import Encounter, Feed, Placement
from tests import scenes
from tests.cast import NOW, actor, join
from tests.employers import lists
from tests.employers.assessments import confirmed, said_all

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def pair(cast, desk) -> Pair:
    """Saffron Bakery goes into Brightwater Engineering."""
    return Pair(cast.employer, cast.other_employer, by=desk, now=NOW)


def done(pair: Pair, **how) -> dict[str, int]:
    return dict(merge(pair.stays, pair.goes, by=pair.by, now=pair.now, **how))


def plan_of(employer: Employer, *, state: str = "active", steps_done: int = 0, year: int = 2026) -> ActionPlan:
    template, _new = ActionPlanTemplate.objects.get_or_create(hub=employer.hub, name="First year")
    plan = ActionPlan.objects.create(
        hub=employer.hub, employer=employer, template=template, year_starts_on=dt.date(year, 9, 1),
        year_ends_on=dt.date(year + 1, 8, 31), state=state, adopted_at=NOW,
    )  # fmt: skip
    for number in range(2):
        PlanStep.objects.create(
            hub=employer.hub, employer=employer, plan=plan, title=f"Step {number}", due_on=dt.date(2026, 11, 2),
            state="done" if number < steps_done else "planned",
        )  # fmt: skip
    return plan


def pledge_of(employer: Employer, answer: str, *, at=NOW) -> Pledge:
    return Pledge.objects.create(
        hub=employer.hub, employer=employer, year_starts_on=dt.date(2026, 9, 1), answer=answer, answered_at=at
    )


# ---- Everything is decided ------------------------------------------------------------


def test_everything_that_names_an_employer_has_a_decision():
    """A new foreign key fails here until `merging_things` says what becomes of it."""
    found = set()
    for model in apps.get_models(include_auto_created=True):
        for column in model._meta.local_fields:
            if column.related_model in (Employer, Organisation):
                found.add(f"{model._meta.label}.{column.name}")
    assert found == {thing.label for thing in THINGS} | set(LEFT)
    assert len(THINGS) == len({thing.label for thing in THINGS})


def test_what_hangs_on_it_comes_along(cast, desk, pair):
    wanted = scenes.session(scenes.opportunity(pair.goes))
    row = scenes.placement(cast, state="offered", wanted=wanted)
    plan = plan_of(pair.goes)
    pathway = Pathway.objects.create(hub=cast.hub, name="Bread", employer=pair.goes)
    pathway.employers.add(pair.goes, pair.stays)
    feed = Feed.objects.create(hub=cast.hub, organisation=pair.goes, token_hash="x" * 64, created_at=NOW)
    note = write_note(pair.goes, "Rang them", by=desk, now=NOW)
    domain.add_volunteer(pair.goes, {"name": "Vi"}, by=desk, now=NOW)
    domain.add_contact(pair.goes, {"name": "Cy", "email": "cy@saffron.example"}, by=desk, now=NOW)
    told = Message.objects.filter(organisation=pair.goes)
    told_before = told.count()
    assert told_before > 0
    held = {words: theirs for words, _mine, theirs in held_by(pair)}
    moved = done(pair)
    assert (held["sessions"], held["notes"], held["memberships"]) == (1, 1, 1)
    for one in (wanted, row, plan, feed, note, pathway, wanted.opportunity, plan.steps.first()):
        one.refresh_from_db()
        owner = "organisation_id" if isinstance(one, Feed | Note) else "employer_id"
        assert (type(one).__name__, getattr(one, owner)) == (type(one).__name__, pair.stays.pk)
    assert list(pathway.employers.all()) == [pair.stays]
    assert (told.count(), Message.objects.filter(organisation=pair.stays).count()) == (0, told_before)
    assert [count for _words, _mine, count in held_by(Pair(pair.stays, pair.goes)) if count] == []
    assert Membership.objects.get(user=cast.other_lead).organisation_id == pair.stays.pk
    assert moved["opportunities.session"] == moved["placements.placement"] == moved["placements.feed"] == 1


def test_it_is_put_away_with_a_pointer_and_its_log(cast, desk, pair):
    domain.change_employer(pair.goes, {"number": "77"}, by=desk, now=NOW)
    done(pair)
    goes = Employer.objects.get(pk=pair.goes.pk)
    assert (goes.merged_into_id, goes.merged_at, goes.is_active) == (pair.stays.pk, NOW, False)
    log = LogEntry.objects.filter(subject_type="employers.employer", subject_id=goes.pk).order_by("pk")
    assert [entry.verb for entry in log] == ["changed", "put_into"]
    assert log[1].facts["other"] == pair.stays.pk
    assert LogEntry.objects.filter(verb="put_together", subject_id=pair.stays.pk).count() == 1
    with pytest.raises(Refused, match="put together with “Brightwater Engineering”") as refusal:
        domain.change_employer(goes, {"is_active": True}, by=desk, now=LATER)
    assert refusal.value.code == "merged"


def test_what_was_put_into_it_before_leads_to_the_one_that_stays(cast, desk, pair):
    third = Employer.objects.create(hub=cast.hub, name="Saffron Bakeries")
    merge(pair.goes, third, by=desk, now=NOW)
    done(pair)
    assert Employer.objects.get(pk=third.pk).merged_into_id == pair.stays.pk


# ---- Field by field -------------------------------------------------------------------


def test_what_one_lacks_the_other_brings_and_nothing_is_written_over(cast, desk, pair):
    domain.change_employer(pair.stays, {"number": "11"}, by=desk, now=NOW)
    domain.change_employer(pair.goes, {"number": "22", "website": "https://saffron.example"}, by=desk, now=NOW)
    done(pair)
    stays, goes = Employer.objects.get(pk=pair.stays.pk), Employer.objects.get(pk=pair.goes.pk)
    assert (stays.number, stays.website) == ("11", "https://saffron.example")
    assert (goes.number, goes.website) == ("22", "")


def test_names_change_places_when_the_other_is_taken(pair):
    done(pair, take=frozenset({"name"}))
    names = dict(Employer.objects.filter(hub=pair.stays.hub).values_list("pk", "name"))
    assert (names[pair.stays.pk], names[pair.goes.pk]) == ("Saffron Bakery", "Brightwater Engineering")
    assert Employer.objects.get(pk=pair.stays.pk).name_folded == "saffron bakery"


def test_sectors_of_both_and_an_active_one_stays_active(cast, desk, pair):
    domain.load_sectors()
    sectors = list(domain.Sector.objects.order_by("pk")[:3])
    pair.stays.sectors.set(sectors[:2])
    pair.goes.sectors.set(sectors[1:])
    domain.change_employer(pair.stays, {"is_active": False}, by=desk, now=NOW)
    done(pair)
    assert set(pair.stays.sectors.all()) == set(sectors)
    assert Employer.objects.get(pk=pair.stays.pk).is_active


def test_a_list_with_the_old_name_or_number_leads_to_the_record_that_stays(cast, desk, pair):
    domain.load_sectors()
    domain.change_employer(pair.goes, {"number": "77"}, by=desk, now=NOW)
    domain.change_employer(pair.stays, {"number": "11"}, by=desk, now=NOW)
    done(pair)
    lines = lists.text(("Saffron Bakery", "", *[""] * 8), ("Saffron & Sons", "77", *[""] * 8))
    kept = importing.keep_list(cast.hub, lines, file_name="list.csv", by=desk, now=LATER)
    assert [line.choice for line in plan_import(kept).lines] == [str(pair.stays.pk)] * 2


# ---- What cannot be had twice ---------------------------------------------------------


def test_a_second_site_of_the_name_says_whose_it_was(cast, desk, pair):
    scenes.opportunity(pair.stays)
    scenes.opportunity(pair.goes)
    assert notes_of(pair) == [
        "Both have a site “Main works”. The one that comes will be “Main works (Saffron Bakery)”."
    ]
    done(pair)
    names = Site.objects.filter(employer=pair.stays).order_by("name").values_list("name", flat=True)
    assert list(names) == ["Main works", "Main works (Saffron Bakery)"]
    assert Opportunity.objects.filter(employer=pair.stays).count() == 2


def test_one_main_contact_and_nobody_twice(cast, desk, pair):
    same = {"name": "Ann", "email": "ann@mill.example"}
    for employer in (pair.stays, pair.goes):
        domain.add_contact(employer, same, by=desk, now=NOW)
    domain.add_contact(pair.goes, {"name": "Bo", "is_main": True}, by=desk, now=NOW)
    assert notes_of(pair) == ["Ann stays the main contact."]
    done(pair)
    assert list(Contact.objects.values_list("employer", "name", "is_main")) == [
        (pair.stays.pk, "Ann", True), (pair.stays.pk, "Bo", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "ends"),
    [(("active", 0), ("active", 1), "mine"), (("active", 1), ("active", 1), "theirs"),
     (("completed", 2), ("active", 0), "theirs"), (("active", 1), ("completed", 0), "mine")],
)  # fmt: skip
def test_of_two_plans_alike_the_one_that_is_further_goes_on(pair, mine, theirs, ends):
    plans = {
        "mine": plan_of(pair.stays, state=mine[0], steps_done=mine[1]),
        "theirs": plan_of(pair.goes, state=theirs[0], steps_done=theirs[1]),
    }
    assert notes_of(pair) == ["Both have “First year” of 2026. The one that is further goes on, the other is given up."]
    done(pair)
    states = dict(ActionPlan.objects.filter(employer=pair.stays).values_list("pk", "state"))
    assert states.pop(plans[ends].pk) == "abandoned"
    assert list(states.values()) in (["active"], ["completed"])
    assert PlanStep.objects.filter(employer=pair.stays).count() == 4


def test_of_two_plans_completed_alike_one_stays_where_it_was_made(pair):
    plan_of(pair.stays, state="completed", steps_done=2)
    theirs = plan_of(pair.goes, state="completed", steps_done=2)
    other_year = plan_of(pair.goes, year=2025)
    assert notes_of(pair) == ["Both completed “First year” of 2026. One stays with the record that is put away."]
    done(pair)
    for plan, owner in ((theirs, pair.goes), (other_year, pair.stays)):
        assert ActionPlan.objects.get(pk=plan.pk).employer_id == owner.pk
        assert set(plan.steps.values_list("employer", flat=True)) == {owner.pk}


@pytest.mark.parametrize("later", ["mine", "theirs"])
def test_the_later_answer_of_a_year_holds(pair, later):
    pledge_of(pair.stays, "yes", at=LATER if later == "mine" else NOW)
    pledge_of(pair.goes, "no", at=LATER if later == "theirs" else NOW)
    assert len(notes_of(pair)) == 1
    done(pair)
    said = dict(Pledge.objects.values_list("employer", "answer"))
    held, put_away = ("yes", "no") if later == "mine" else ("no", "yes")
    assert said == {pair.stays.pk: held, pair.goes.pk: put_away}
    assert set(Pledge.objects.values_list("year_starts_on", flat=True)) == {dt.date(2026, 9, 1)}


def test_limits_of_sites_come_and_one_of_a_month_holds(cast, pair):
    site = scenes.opportunity(pair.goes).site
    Cap.objects.create(hub=cast.hub, employer=pair.goes, per="site_day", site=site, most=3)
    for employer, most in ((pair.stays, 10), (pair.goes, 20)):
        Cap.objects.create(hub=cast.hub, employer=employer, per="employer_month", most=most)
    assert "Both have a limit of places a month. 10 holds." in notes_of(pair)
    done(pair)
    assert sorted(Cap.objects.filter(employer=pair.stays).values_list("most", flat=True)) == [3, 10]
    assert Cap.objects.get(employer=pair.goes).most == 20


@pytest.fixture
def framework(cast):
    return framing.load_framework(cast.hub, by=system(), now=NOW)


def begun(employer: Employer, by) -> SelfAssessment:
    row = assessing.start(employer, by=by, now=NOW)
    assessing.save_answers(row, said_all(row, 3), by=by, now=NOW)
    return row


def test_two_self_assessments_under_way_are_in_the_way(cast, desk, pair, framework):
    for employer in (pair.stays, pair.goes):
        begun(employer, desk)
    with pytest.raises(CannotMerge, match="Both have begun a self-assessment") as refusal:
        done(pair)
    assert refusal.value.code == "in_the_way"
    assert not Employer.objects.filter(merged_into__isnull=False).exists()
    assert LogEntry.objects.filter(verb__in=["put_together", "put_into"]).count() == 0


@pytest.mark.parametrize("empty", ["mine", "theirs"])
def test_one_without_answers_goes(cast, desk, pair, framework, empty):
    full, bare = (pair.goes, pair.stays) if empty == "mine" else (pair.stays, pair.goes)
    kept = begun(full, desk)
    assessing.start(bare, by=desk, now=NOW)
    assert len(notes_of(pair)) == 1
    done(pair)
    assert list(SelfAssessment.objects.values_list("pk", "employer")) == [(kept.pk, pair.stays.pk)]
    assert set(kept.answers.values_list("employer", flat=True)) == {pair.stays.pk}


def test_of_two_badges_the_later_stays_public(cast, desk, pair, framework):
    leads = ((pair.stays, cast.employer_lead, NOW), (pair.goes, cast.other_lead, LATER))
    for employer, lead, at in leads:
        by = actor(lead, cast.hub, employer)
        badges.issue(confirmed(employer, by, desk), by=by, now=at)
    assert notes_of(pair) == ["Both show a badge. The later stays public, the other is taken back."]
    done(pair)
    rows = Badge.objects.order_by("issued_at").values_list("employer", "state")
    assert list(rows) == [(pair.stays.pk, "withdrawn"), (pair.stays.pk, "live")]


def test_it_was_asked_once_in_a_round_and_figures_are_counted_anew(cast, pair, framework):
    asked = framework.rounds.create(hub=cast.hub, name="Autumn", opens_on=NOW.date(), closes_on=NOW.date())
    for employer in (pair.stays, pair.goes):
        RoundPlace.objects.create(hub=cast.hub, round=asked, employer=employer)
        EvidenceFigure.objects.create(
            hub=cast.hub, employer=employer, code="x", part=1, whole=2, since=NOW.date(), until=NOW.date(),
            counted_at=NOW,
        )  # fmt: skip
    done(pair)
    assert list(RoundPlace.objects.values_list("employer", flat=True)) == [pair.stays.pk]
    assert list(EvidenceFigure.objects.values_list("employer", flat=True)) == [pair.stays.pk]


# ---- People ---------------------------------------------------------------------------


def test_whoever_is_in_both_keeps_the_higher_role(cast, pair):
    join(cast.employer_member, cast.hub, Role.EMPLOYER_LEAD, pair.goes)
    join(cast.employer_lead, cast.hub, Role.EMPLOYER_MEMBER, pair.goes)
    assert notes_of(pair) == ["2 people belong to both, and keep the higher role."]
    done(pair)
    roles = dict(Membership.objects.filter(organisation=pair.stays).values_list("user__name", "role"))
    assert roles == dict.fromkeys(("Lead Brightwater", "Member Brightwater", "Lead Saffron"), "employer_lead")
    assert not Membership.objects.filter(organisation=pair.goes).exists()


def test_an_invitation_goes_on_and_one_of_two_is_withdrawn(cast, desk, pair):
    for employer, email in ((pair.stays, "a@x.example"), (pair.goes, "A@x.example"), (pair.goes, "b@x.example")):
        invite(cast.hub, employer, email=email, role=Role.EMPLOYER_LEAD, by=desk, now=NOW)
    assert notes_of(pair) == ["a@x.example is invited twice. One of the invitations is withdrawn."]
    done(pair)
    rows = Invitation.objects.filter(organisation=pair.stays).order_by("pk").values_list("email", "state")
    assert list(rows) == [("a@x.example", "open"), ("a@x.example", "revoked"), ("b@x.example", "open")]


def test_the_later_word_about_messages_holds(cast, pair):
    for kind, first, second in (("one", NOW, LATER), ("two", LATER, NOW)):
        for employer, at, choice in ((pair.stays, first, "off"), (pair.goes, second, "gathered")):
            MessagePreference.objects.create(
                hub=cast.hub, address="a@x.example", organisation=employer, kind=kind, choice=choice, changed_at=at
            )
    done(pair)
    assert dict(MessagePreference.objects.filter(organisation=pair.stays).values_list("kind", "choice")) == {
        "one": "gathered", "two": "off",
    }  # fmt: skip
    assert MessagePreference.objects.count() == 2


# ---- Refusals, again, late ------------------------------------------------------------


def test_only_staff_of_the_hub_of_both(cast, pair):
    lead = actor(cast.employer_lead, cast.hub, pair.stays)
    for by in (actor(cast.ben, cast.hub), lead, actor(cast.chloe, cast.hub_b)):
        with pytest.raises(CannotAct):
            merge(pair.stays, pair.goes, by=by, now=NOW)
    with pytest.raises(CannotAct):
        merge(pair.stays, cast.employer_b, by=pair.by, now=NOW)
    with pytest.raises(CannotMerge, match="two hubs"):
        merge(pair.stays, cast.employer_b, by=actor(cast.root, cast.hub), now=NOW)
    with pytest.raises(CannotMerge, match="one record"):
        merge(pair.stays, pair.stays, by=pair.by, now=NOW)
    assert not Employer.objects.exclude(merged_into=None).exists()


def test_a_second_call_moves_nothing_and_another_is_refused(cast, pair):
    done(pair, take=frozenset({"name"}))
    entries = LogEntry.objects.count()
    assert done(pair, take=frozenset({"name"})) == {}
    assert (LogEntry.objects.count(), Employer.objects.get(pk=pair.stays.pk).name) == (entries, "Saffron Bakery")
    third = Employer.objects.create(hub=cast.hub, name="Third")
    for stays, goes in ((third, pair.goes), (pair.goes, third), (pair.goes, pair.stays)):
        with pytest.raises(CannotMerge, match="was put together with “Saffron Bakery” already"):
            merge(stays, goes, by=pair.by, now=LATER)


def test_what_was_written_meanwhile_comes_after(cast, desk, pair):
    done(pair)
    late = Contact.objects.create(hub=cast.hub, employer=pair.goes, name="Late")
    assert (gather_stragglers(LATER), gather_stragglers(LATER)) == (1, 0)
    late.refresh_from_db()
    assert late.employer_id == pair.stays.pk
    Contact.objects.filter(pk=late.pk).update(employer=pair.goes)
    assert gather_stragglers(NOW + dt.timedelta(days=2)) == 0


def test_counts_of_places_are_as_before(cast, pair):
    wanted = scenes.session(scenes.opportunity(pair.goes))
    answers.accept(scenes.placement(cast, state="offered", wanted=wanted), by=pair.by, now=NOW)
    taken = Session.objects.get(pk=wanted.pk).taken
    done(pair)
    assert Session.objects.get(pk=wanted.pk).taken == taken > 0
    assert Placement.objects.get().employer_id == pair.stays.pk
    assert Encounter.objects.exclude(employer=pair.stays).count() == 0


def test_a_limit_of_a_month_in_force_is_kept_before_one_out_of_force(cast, pair):
    Cap.objects.create(hub=cast.hub, employer=pair.stays, per="employer_month", most=10, is_active=False)
    Cap.objects.create(hub=cast.hub, employer=pair.goes, per="employer_month", most=20)
    assert "Both have a limit of places a month. 20 holds." in notes_of(pair)
    done(pair)
    assert Cap.objects.values_list("most", "is_active").get(employer=pair.stays) == (20, True)
    assert Cap.objects.values_list("most", "is_active").get(employer=pair.goes) == (10, False)

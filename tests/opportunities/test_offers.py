"""Opportunities: what may be typed, what is missing, who is told."""

import datetime as dt

import pytest

from hubs.errors import CannotAct, CannotBegin, Refused
from hubs.models import HubRequirement, LogEntry, Message, Requirement
from hubs.outbox import KINDS, subject_of
from opportunities import rules
from opportunities.domain import offers, plans
from opportunities.models import ActionPlanTemplate, EncounterType, Opportunity, Session, TemplateStep
from tests.cast import NOW, actor
from tests.opportunities.making import DAY, draft, in_state, kind, lead, published, session, site, staff

LATER = NOW + dt.timedelta(hours=1)


def test_a_draft_takes_ages_and_outcomes_from_its_type(cast):
    talk = kind(cast.hub, "talk", tier="T0", min_age=12, max_age=16, outcomes="Names three roles")
    row = offers.draft_opportunity(cast.employer, {"encounter_type": talk, "title": " A talk "}, by=lead(cast), now=NOW)
    assert (row.title, row.min_age, row.max_age, row.outcomes, row.state) == (
        "A talk", 12, 16, "Names three roles", "draft",
    )  # fmt: skip


def test_what_belongs_to_others_is_refused_in_a_draft(cast):
    theirs = cast.other_employer.site_set.create(hub=cast.hub, name="Bakehouse")
    bad = [
        {"site": theirs},
        {"encounter_type": kind(cast.hub_b)},
        {"title": "  "},
        {"min_age": 17, "max_age": 12},
        {"min_age": 2},
        {"is_online": True, "site": site(cast)},
    ]
    for fields in bad:
        with pytest.raises(Refused):
            draft(cast, **fields)
    assert Opportunity.objects.count() == 0


def test_members_draft_but_only_leads_send(cast):
    row = in_state(cast, "draft")
    member = actor(cast.employer_member, cast.hub, cast.employer)
    offers.change_opportunity(row, {"food": "Canteen"}, by=member, now=LATER)
    with pytest.raises(CannotAct):
        offers.submit(row, by=member, now=LATER)
    for stranger in (actor(cast.other_lead, cast.hub, cast.other_employer), actor(cast.ben, cast.hub)):
        with pytest.raises(CannotAct):
            offers.change_opportunity(row, {"food": "None"}, by=stranger, now=LATER)


def test_a_stale_edit_writes_nothing(cast):
    row = in_state(cast, "draft")
    seen = row.updated_at
    offers.change_opportunity(row, {"title": "First"}, seen_at=seen, by=lead(cast), now=LATER)
    other = Opportunity.objects.get(pk=row.pk)
    with pytest.raises(offers.CannotSave):
        offers.change_opportunity(other, {"title": "Second"}, seen_at=seen, by=staff(cast), now=LATER)
    row.refresh_from_db()
    assert (row.title, row.updated_at) == ("First", LATER)


def gaps_of(row):
    return [(gap.where, gap.blocks) for gap in rules.gaps(row, NOW)]


def test_everything_missing_is_named_in_order(cast):
    row = draft(cast, site=None, summary="", supervisor="")
    assert gaps_of(row) == [
        ("what", True), ("dates", True), ("practical", True), ("practical", True), ("practical", False),
    ]  # fmt: skip
    with pytest.raises(CannotBegin) as refusal:
        offers.submit(row, by=lead(cast), now=NOW)
    assert refusal.value.sentence == (
        "Say in one sentence what it is. Add at least one session that lies ahead. "
        "Say at which site it happens. Name who looks after the students."
    )


def test_a_talk_needs_neither_site_nor_supervisor(cast):
    row = draft(cast, encounter_type=kind(cast.hub, "talk", tier="T0"), site=None, supervisor="")
    session(row, cast)
    assert gaps_of(row) == []


def test_a_workplace_type_is_not_online(cast):
    row = draft(cast, site=None, is_online=True, day_plan=[{"at": "09:00", "what": "Welcome"}])
    session(row, cast)
    assert gaps_of(row) == [("practical", True)]


def test_a_session_in_the_past_does_not_count(cast):
    row = in_state(cast, "draft")
    with pytest.raises(CannotBegin):
        offers.submit(row, by=lead(cast), now=NOW + dt.timedelta(days=60))


def rule(code, *, verified, tiers=("T3",)):
    return Requirement.objects.create(
        jurisdiction="GB-ENG", code=code, title=f"Rule {code}", text="As the law says.", tiers=list(tiers),
        kind="limit", blocks="publish", responsible="school", verified=verified, valid_from=dt.date(2020, 9, 1),
    )  # fmt: skip


def week(cast, **fields):
    block = kind(cast.hub, "wex-block", tier="T3", min_age=11)
    row = draft(cast, encounter_type=block, day_plan=[{"at": "09:00", "what": "Welcome"}], **fields)
    session(row, cast)
    return row


@pytest.mark.parametrize(("verified", "found"), [(True, [("what", True)]), (False, [("what", False)])])
def test_a_rule_with_a_check_blocks_only_when_verified(cast, verified, found):
    rule("ENG-06", verified=verified)
    assert (gaps_of(week(cast)), gaps_of(week(cast, min_age=14))) == (found, [])


def test_a_rule_without_a_check_warns(cast):
    rule("ENG-99", verified=True)
    assert gaps_of(week(cast)) == [("practical", False)]


def test_rules_of_other_tiers_places_and_days_are_not_asked(cast):
    rule("ENG-06", verified=True, tiers=("T4",))
    Requirement.objects.update(jurisdiction="FR", tiers=["T3"])
    old = rule("ENG-05", verified=True)
    Requirement.objects.filter(pk=old.pk).update(valid_to=dt.date(2021, 9, 1))
    assert gaps_of(week(cast)) == []


def test_a_hub_may_relax_a_rule_of_its_own(cast):
    relaxed = rule("ENG-06", verified=True)
    HubRequirement.objects.create(hub=cast.hub, requirement=relaxed, blocks="none", confirmed_at=NOW)
    assert gaps_of(week(cast)) == []


@pytest.mark.parametrize(("verified", "blocks"), [(False, "publish"), (True, "start"), (False, "none")])
def test_a_hub_may_confirm_or_tighten_a_rule(cast, verified, blocks):
    stricter = rule("ENG-06", verified=verified)
    Requirement.objects.update(blocks=blocks)
    row = week(cast)
    assert [blocking for _where, blocking in gaps_of(row)] == ([False] if blocks == "publish" else [])
    HubRequirement.objects.create(hub=cast.hub, requirement=stricter, blocks="publish", confirmed_at=NOW)
    assert gaps_of(row) == [("what", True)]
    HubRequirement.objects.update(hub=cast.hub_b)  # another hub's decision is none here
    assert [blocking for _where, blocking in gaps_of(row)] == ([False] if blocks == "publish" else [])


def sent():
    return list(Message.objects.order_by("pk").values_list("kind", "address"))


def test_the_hub_is_told_and_the_employer_hears_back(cast):
    row = in_state(cast, "draft")
    offers.submit(row, by=lead(cast), now=NOW)
    offers.send_back(row, "Say what to wear.", by=staff(cast), now=LATER)
    assert (row.state, row.comment) == ("draft", "Say what to wear.")
    offers.submit(row, by=lead(cast), now=LATER)
    offers.approve(row, by=staff(cast), now=LATER)
    assert (row.state, row.comment, row.published_at) == ("published", "", LATER)
    assert sent() == [
        ("opportunity-submitted", "desk@harbour.example"),
        ("opportunity-returned", cast.employer_lead.email),
        ("opportunity-submitted", "desk@harbour.example"),
        ("opportunity-approved", cast.employer_lead.email),
    ]


def test_the_careers_manager_is_told_rather_than_the_desk(cast):
    cast.employer.manager = cast.amina
    cast.employer.save()
    offers.submit(in_state(cast, "draft"), by=lead(cast), now=NOW)
    assert sent() == [("opportunity-submitted", cast.amina.email)]


def test_mails_are_composed_and_stop_when_pointless(cast):
    plan_step(cast)
    row = in_state(cast, "draft")
    offers.submit(row, by=lead(cast), now=NOW)
    offers.send_back(row, "Say what to wear.", by=staff(cast), now=LATER)
    subjects, live = {}, {}
    for message in Message.objects.order_by("pk"):
        about = subject_of(message)
        mail = KINDS[message.kind].compose(about, message, LATER)
        subjects[message.kind] = mail.subject
        live[message.kind] = KINDS[message.kind].live(about, message, LATER)
        assert mail.action[1].startswith("http://testserver")
    assert subjects == {
        "plan-step-due": "Next in your plan: A talk",
        "opportunity-submitted": "To approve: Behind the scenes, Brightwater Engineering",
        "opportunity-returned": "Please change: Behind the scenes",
    }
    assert live == {"plan-step-due": True, "opportunity-submitted": False, "opportunity-returned": True}


def plan_step(cast):
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    TemplateStep.objects.create(template=template, title="A talk", week=3)
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    plans.queue_step_reminders(NOW)
    return plan.steps.get()


def test_a_comment_is_asked_for_when_sending_back_and_the_employer_takes_back_without(cast):
    row = in_state(cast, "submitted")
    with pytest.raises(Refused):
        offers.send_back(row, " ", by=staff(cast), now=NOW)
    with pytest.raises(CannotAct):
        offers.send_back(row, "No", by=lead(cast), now=NOW)
    with pytest.raises(Refused):
        offers.change_opportunity(row, {"food": "Soup"}, by=lead(cast), now=LATER)
    offers.take_back(row, by=lead(cast), now=LATER)
    assert row.state == "draft"


def test_what_the_hub_approved_stays(cast):
    row = published(cast)
    for fields in ({"min_age": 12}, {"encounter_type": kind(cast.hub, "shadow", tier="T3")}):
        with pytest.raises(Refused) as refusal:
            offers.change_opportunity(Opportunity.objects.get(pk=row.pk), fields, by=lead(cast), now=LATER)
        assert refusal.value.code == "fixed"
    with pytest.raises(CannotBegin):
        offers.change_opportunity(Opportunity.objects.get(pk=row.pk), {"supervisor": ""}, by=lead(cast), now=LATER)
    fresh = Opportunity.objects.get(pk=row.pk)
    offers.change_opportunity(fresh, {"clothing": "Boots"}, by=lead(cast), now=LATER)
    assert Opportunity.objects.get(pk=row.pk).clothing == "Boots"


def test_a_type_out_of_use_keeps_nobody_from_editing_what_is_published(cast):
    row = published(cast)
    EncounterType.objects.filter(pk=row.encounter_type_id).update(is_active=False)
    fresh = Opportunity.objects.get(pk=row.pk)
    offers.change_opportunity(fresh, {"clothing": "Boots"}, by=lead(cast), now=LATER)
    assert Opportunity.objects.get(pk=row.pk).clothing == "Boots"
    with pytest.raises(CannotBegin, match=r"^Say in one sentence what it is\.$"):
        offers.change_opportunity(fresh, {"summary": ""}, by=lead(cast), now=LATER)


def test_a_rule_about_ages_that_came_later_keeps_nobody_from_editing_what_is_published(cast):
    row = week(cast)
    offers.submit(row, by=lead(cast), now=NOW)
    offers.approve(row, by=staff(cast), now=NOW)
    rule("ENG-06", verified=True)
    offers.change_opportunity(Opportunity.objects.get(pk=row.pk), {"clothing": "Boots"}, by=lead(cast), now=LATER)
    assert Opportunity.objects.get(pk=row.pk).clothing == "Boots"


def test_a_draft_of_a_type_out_of_use_is_not_sent(cast):
    row = in_state(cast, "draft")
    EncounterType.objects.filter(pk=row.encounter_type_id).update(is_active=False)
    with pytest.raises(CannotBegin, match="no longer in use"):
        offers.submit(Opportunity.objects.get(pk=row.pk), by=lead(cast), now=NOW)


def test_paused_until_a_day_it_comes_back_by_itself(cast):
    row = published(cast)
    with pytest.raises(Refused):
        offers.pause(row, until=dt.date(2026, 9, 15), by=lead(cast), now=NOW)
    offers.pause(row, until=dt.date(2026, 9, 20), by=lead(cast), now=NOW)
    midnight = dt.datetime(2026, 9, 19, 23, tzinfo=dt.UTC)  # midnight in London, in summer
    assert offers.resume_due(midnight - dt.timedelta(minutes=1)) == 0
    assert offers.resume_due(midnight) == 1
    row.refresh_from_db()
    assert (row.state, row.paused_until) == ("published", None)


def test_withdrawing_calls_sessions_off_unless_places_are_taken(cast):
    row = published(cast)
    other = session(row, cast, on=DAY + dt.timedelta(days=1))
    Session.objects.filter(pk=other.pk).update(taken=2)
    with pytest.raises(Refused) as refusal:
        offers.withdraw(row, "Moving", by=lead(cast), now=NOW)
    assert (refusal.value.code, refusal.value.facts) == ("has_placements", {"taken": 2})
    Session.objects.update(taken=0)
    offers.withdraw(row, "Moving", by=lead(cast), now=NOW)
    assert sorted(row.sessions.values_list("state", flat=True)) == ["cancelled", "cancelled"]
    with pytest.raises(Refused):
        session(row, cast)


def test_confirming_is_for_what_schools_see(cast):
    row = published(cast)
    offers.confirm_still_true(row, by=lead(cast), now=LATER)
    assert row.confirmed_at == LATER
    with pytest.raises(Refused):
        offers.confirm_still_true(in_state(cast, "draft"), by=lead(cast), now=LATER)


def test_each_change_is_logged_once(cast):
    row = published(cast)
    verbs = list(LogEntry.objects.about(row).order_by("pk").values_list("verb", "from_state", "to_state"))
    assert verbs == [("drafted", "", ""), ("submitted", "draft", "submitted"), ("published", "submitted", "published")]

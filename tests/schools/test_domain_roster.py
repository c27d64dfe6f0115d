"""Class lists: what a OneRoster archive does to a school, what a second one changes, and how it is taken back."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs import leases
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from schools.domain import pending as files
from schools.domain import roster_jobs
from schools.domain.groups import add_group
from schools.domain.rights import CannotApplyYet, CannotImport
from schools.domain.roster import apply_roster, plan_roster, read_roster, unpacked
from schools.domain.roster_rows import RosterChoices
from schools.domain.undo import undo_import
from schools.models import Enrolment, Group, Import, PendingImport, Student, Term, YearGroup
from tests import scenes
from tests.cast import NOW, actor
from tests.schools.rosters import (
    CLASSES,
    ENROLLMENTS,
    ORGS,
    SECRETS,
    SESSIONS,
    USERS,
    enrolment,
    group,
    manifest,
    session,
    small,
    user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def load(cast, by, data: bytes, *, names: bool = False, **choices) -> Import:
    plan = plan_roster(cast.school, read_roster(data, names=names), now=NOW, choices=RosterChoices(**choices))
    return apply_roster(plan, by=by, now=NOW)


def counts(cast, data: bytes, **choices) -> dict[str, dict[str, int]]:
    plan = plan_roster(cast.school, read_roster(data), now=NOW, choices=RosterChoices(**choices))
    found = {name: {what: n for what, n in numbers.items() if n} for name, numbers in plan.counts.items()}
    return {name: numbers for name, numbers in found.items() if numbers}


def state() -> list[tuple]:
    """Everything a roster may write, in a form two states can be compared in."""
    return [
        sorted(Student.objects.values_list("key", "alias", "name", "year_group__number", "left_on")),
        sorted(Group.objects.values_list("key", "roster_key", "name", "kind", "size", "is_active")),
        sorted(Enrolment.objects.values_list("student__alias", "group__key")),
        sorted(Term.objects.values_list("name", "starts_on", "ends_on")),
        sorted(YearGroup.objects.values_list("number")),
    ]


def test_groups_students_lists_and_terms_are_loaded(cast, by):
    done = load(cast, by, small())
    assert state() == [
        [("s1", "S-0001", "", 10, None), ("s2", "S-0002", "", 10, None), ("s3", "S-0003", "", 9, None)],
        [
            ("10 Maths 1", "c3", "10 Maths 1", "set", 1, True),
            ("10A", "c1", "10A", "class", 2, True),
            ("9B", "c2", "9B", "class", 1, True),
        ],
        [("S-0001", "10 Maths 1"), ("S-0001", "10A"), ("S-0002", "10A"), ("S-0003", "9B")],
        [("Autumn", dt.date(2026, 9, 1), dt.date(2026, 12, 18))],
        [(9,), (10,)],
    ]
    assert (done.state, done.kind, done.format) == ("done", "roster", "oneroster 1.1")


def test_second_time_nothing_changes(cast, by):
    load(cast, by, small())
    before = state()
    assert counts(cast, small()) == {
        "students": {"same": 3},
        "groups": {"same": 3},
        "lists": {"same": 4},
        "terms": {"same": 1},
    }
    load(cast, by, small())
    assert state() == before


def test_nothing_secret_is_stored_anywhere(cast, by):
    kept = files.keep_roster(cast.school, small(), names=True, file_name="r.zip", by=by, now=NOW)
    words = repr(unpacked(bytes(kept.data)))
    files.confirm_roster_file(kept, by=by, now=NOW)
    for model in (Import, Student, Group, LogEntry):
        words += repr(list(model.objects.values()))
    assert [secret for secret in SECRETS if secret in words] == []


def test_names_are_kept_only_when_asked(cast, by):
    load(cast, by, small())
    assert set(Student.objects.values_list("name", flat=True)) == {""}
    load(cast, by, small(), names=True)
    assert set(Student.objects.values_list("name", flat=True)) == {"Kim Adeyemi", "Lee Adeyemi"}
    load(cast, by, small())
    assert set(Student.objects.values_list("name", flat=True)) == {"Kim Adeyemi", "Lee Adeyemi"}


def test_group_of_the_timetable_is_the_class_of_its_name(cast, by):
    typed = add_group(cast.school, "10A", year=10, size=3, by=by, now=NOW)
    load(cast, by, small())
    row = Group.objects.get(roster_key="c1")
    assert (row.pk, row.size) == (typed.pk, 2)
    # The three known by a number give way to the two of the list; their record stays.
    assert list(Student.objects.filter(key="").values_list("alias", "left_on")) == [
        (f"10A-0{n}", dt.date(2026, 9, 15)) for n in (1, 2, 3)
    ]


CHANGED = {
    "users_csv": USERS + user("s1", grade="11") + user("s3", grade="09") + user("s4"),
    "enrollments_csv": ENROLLMENTS + enrolment("c2", "s1") + enrolment("c2", "s3") + enrolment("c1", "s4"),
}


def test_next_file_updates_instead_of_doubling(cast, by):
    load(cast, by, small())
    assert counts(cast, small(**CHANGED), leavers=True) == {
        "students": {"added": 1, "changed": 1, "same": 1, "removed": 1},
        "groups": {"same": 3},
        "lists": {"added": 2, "same": 1, "removed": 3},
        "terms": {"same": 1},
    }
    load(cast, by, small(**CHANGED), leavers=True)
    assert state()[0] == [
        ("s1", "S-0001", "", 11, None),
        ("s2", "S-0002", "", 10, dt.date(2026, 9, 15)),
        ("s3", "S-0003", "", 9, None),
        ("s4", "S-0004", "", 10, None),
    ]
    assert state()[2] == [("S-0001", "9B"), ("S-0003", "9B"), ("S-0004", "10A")]


def test_nobody_leaves_unless_it_is_said(cast, by):
    load(cast, by, small())
    load(cast, by, small(**CHANGED))
    assert Student.objects.get(key="s2").left_on is None


def test_undo_puts_everything_back(cast, by):
    load(cast, by, small())
    before = state()
    done = load(cast, by, small(**CHANGED), leavers=True)
    undo_import(done, by=by, now=NOW)
    assert state() == before


def test_undo_of_the_first_leaves_nothing(cast, by):
    done = load(cast, by, small())
    undo_import(done, by=by, now=NOW)
    assert state() == [[], [], [], [], []]


def test_undo_keeps_whom_something_leans_on(cast, by):
    done = load(cast, by, small())
    wanted = scenes.session(scenes.opportunity(cast.employer))
    row = scenes.placement(cast, wanted=wanted, of=Group.objects.get(key="10A"))
    assert row.students.count() == 2
    undo_import(done, by=by, now=NOW)
    left = dt.date(2026, 9, 15)
    assert list(Student.objects.order_by("key").values_list("key", "left_on")) == [("s1", left), ("s2", left)]
    assert row.students.count() == 2


def test_hand_made_change_is_kept_until_somebody_says_otherwise(cast, by):
    load(cast, by, small())
    Student.objects.filter(key="s1").update(year_group=None, edited=True)
    assert counts(cast, small())["students"] == {"same": 2, "kept": 1}
    load(cast, by, small())
    assert Student.objects.get(key="s1").year_group is None
    load(cast, by, small(), overwrite=("s1",))
    assert Student.objects.get(key="s1").year_group.number == 10


def test_who_comes_back_is_here_again(cast, by):
    load(cast, by, small())
    Student.objects.filter(key="s1").update(left_on=dt.date(2026, 7, 1))
    assert counts(cast, small())["students"] == {"changed": 1, "same": 2}
    load(cast, by, small())
    assert Student.objects.get(key="s1").left_on is None


def test_delta_touches_only_what_it_names(cast, by):
    load(cast, by, small())
    delta = small(
        manifest_csv=manifest("delta"),
        users_csv=USERS + user("s2", status="tobedeleted") + user("s5", status="active"),
        classes_csv=None,
        academicSessions_csv=None,
        enrollments_csv=ENROLLMENTS
        + enrolment("c1", "s5", status="active")
        + enrolment("c3", "s1", status="tobedeleted"),
    )
    load(cast, by, delta, leavers=True)
    assert state()[2] == [("S-0001", "10A"), ("S-0002", "10A"), ("S-0003", "9B"), ("S-0004", "10A")]
    assert Student.objects.get(key="s2").left_on == dt.date(2026, 9, 15)
    assert Group.objects.get(key="10A").size == 2


def test_class_that_is_gone_is_put_aside(cast, by):
    load(cast, by, small())
    load(
        cast,
        by,
        small(
            classes_csv=CLASSES + group("c1", "10A") + group("c2", "9B"),
            enrollments_csv=ENROLLMENTS + enrolment("c1", "s1"),
        ),
    )
    assert Group.objects.get(key="10 Maths 1").is_active is False


def test_ended_enrolment_is_over(cast, by):
    text = ENROLLMENTS + enrolment("c1", "s1", end="2026-09-14") + enrolment("c1", "s2", end="2026-09-15")
    load(cast, by, small(enrollments_csv=text))
    assert state()[2] == [("S-0002", "10A")]


def test_several_schools_are_asked_about_and_only_ones_own_is_loaded(cast, by):
    data = small(
        orgs_csv=ORGS + "o1,,,Hillside,school,,\no2,,,Riverside,school,,\n",
        users_csv=USERS + user("s1", org="o1") + user("s2", org="o2"),
        classes_csv=CLASSES + group("c1", "10A", org="o1") + group("c2", "9B", org="o2"),
        enrollments_csv=ENROLLMENTS + enrolment("c1", "s1") + enrolment("c2", "s2"),
    )
    with pytest.raises(CannotApplyYet, match="several schools"):
        load(cast, by, data)
    load(cast, by, data, school="o2")
    assert (state()[0], state()[2]) == ([("s2", "S-0001", "", 10, None)], [("S-0001", "9B")])


def test_school_is_known_by_its_name_among_several(cast):
    data = small(orgs_csv=ORGS + "o1,,,QUAYSIDE school,school,,\no2,,,Riverside,school,,\n")
    assert plan_roster(cast.school, read_roster(data), now=NOW).asks_school is False


def test_dates_that_could_be_either_are_asked_for(cast, by):
    data = small(academicSessions_csv=SESSIONS + session("t1", "Autumn", "1/09/2026", "12/12/2026"))
    with pytest.raises(CannotApplyYet, match="how the file writes its dates"):
        load(cast, by, data)
    load(cast, by, data, order="dmy")
    assert state()[3] == [("Autumn", dt.date(2026, 9, 1), dt.date(2026, 12, 12))]


def test_broken_rows_are_said_and_the_rest_waits_for_a_word(cast, by):
    data = small(users_csv=USERS + user("s1") + user(""), enrollments_csv=ENROLLMENTS)
    with pytest.raises(CannotApplyYet, match="1 row could not be read"):
        load(cast, by, data)
    assert Student.objects.count() == 0
    load(cast, by, data, without_problems=True)
    assert Student.objects.count() == 1


def test_terms_of_another_source_are_left_alone(cast, by):
    own = Term.objects.create(
        hub=cast.hub, school=cast.school, name="Term 1", starts_on=dt.date(2026, 9, 3), ends_on=dt.date(2026, 10, 23)
    )
    load(cast, by, small())
    assert list(Term.objects.all()) == [own]


def test_only_the_school_or_the_hub(cast):
    plan = plan_roster(cast.school, read_roster(small()), now=NOW)
    for stranger in (
        actor(cast.school_member, cast.hub, cast.school),
        actor(cast.other_coordinator, cast.hub, cast.other_school),
        actor(cast.chloe, cast.hub_b),
    ):
        with pytest.raises(CannotAct):
            apply_roster(plan, by=stranger, now=NOW)
    assert Student.objects.count() == 0


def test_other_schools_students_with_the_same_keys_are_not_touched(cast, by):
    theirs = Student.objects.create(hub=cast.hub_b, school=cast.school_b, alias="S-0001", key="s1", name="Canary")
    load(cast, by, small(), names=True)
    theirs.refresh_from_db()
    assert (theirs.name, Student.objects.filter(school=cast.school).count()) == ("Canary", 3)


# ---- by a job ----------------------------------------------------------------


@pytest.fixture
def waiting(cast, by, monkeypatch):
    monkeypatch.setattr("schools.domain.roster.DIRECT_ROWS", 3)
    kept = files.keep_roster(cast.school, small(), names=False, file_name="r.zip", by=by, now=NOW)
    return files.confirm_roster_file(kept, by=by, now=NOW)


def test_large_file_waits_for_the_job(waiting):
    assert (waiting.state, Student.objects.count(), PendingImport.objects.count()) == ("waiting", 0, 1)
    assert roster_jobs.run_due(NOW) == 1
    waiting.refresh_from_db()
    assert (waiting.state, Student.objects.count(), PendingImport.objects.count()) == ("done", 3, 0)
    assert roster_jobs.run_due(NOW) == 0


def test_large_file_can_be_undone(waiting, by):
    roster_jobs.run_due(NOW)
    waiting.refresh_from_db()
    undo_import(waiting, by=by, now=NOW)
    assert state() == [[], [], [], [], []]


def test_one_at_a_time(cast, by, waiting):
    kept = files.keep_roster(cast.school, small(), names=False, file_name="r.zip", by=by, now=NOW)
    with pytest.raises(Refused, match="being loaded already"):
        files.confirm_roster_file(kept, by=by, now=NOW)


def test_what_a_killed_worker_left_is_taken_up_when_its_lease_is_over(waiting, monkeypatch):
    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(roster_jobs, "carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            roster_jobs.run_due(NOW)
    waiting.refresh_from_db()
    assert (waiting.state, Student.objects.count()) == ("running", 0)
    assert roster_jobs.run_due(NOW + dt.timedelta(minutes=1)) == 0
    assert roster_jobs.run_due(NOW + leases.LEASE + dt.timedelta(seconds=1)) == 1
    assert Student.objects.count() == 3


def test_what_kills_its_worker_each_time_is_given_up(waiting):
    Import.objects.filter(pk=waiting.pk).update(state="running", claimed_until=NOW, tries=leases.MOST_TRIES)
    assert roster_jobs.run_due(NOW + leases.LEASE) == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem[:32], Student.objects.count()) == (
        "failed",
        "Loading stopped in the middle, 3",
        0,
    )


def test_what_fails_again_and_again_is_given_up_with_a_sentence(waiting, by, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("hunter2")

    monkeypatch.setattr(roster_jobs, "carry_out", broken)
    for n in range(leases.MOST_TRIES):
        roster_jobs.run_due(NOW + n * 2 * leases.LEASE)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.tries) == ("failed", 3)
    assert waiting.problem == "Loading stopped in the middle, 3 times; nothing was changed. Ask the hub."
    monkeypatch.undo()
    roster_jobs.try_again(waiting, by=by, now=NOW)
    assert roster_jobs.run_due(NOW) == 1


def test_second_tap_is_refused(cast, by):
    kept = files.keep_roster(cast.school, small(), names=False, file_name="r.zip", by=by, now=NOW)
    files.confirm_roster_file(kept, by=by, now=NOW)
    with pytest.raises(Refused):
        files.confirm_roster_file(kept, by=by, now=NOW)


def test_nothing_new_is_said(cast, by):
    load(cast, by, small())
    kept = files.keep_roster(cast.school, small(), names=False, file_name="r.zip", by=by, now=NOW)
    with pytest.raises(CannotImport, match="nothing would change"):
        files.confirm_roster_file(kept, by=by, now=NOW)

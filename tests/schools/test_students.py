"""Students: pasted lists, single ones, leaving, and a new school year."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from placements.needs import school_needs
from schools.domain import students as verbs
from schools.domain.groups import add_group
from schools.domain.people import standing
from schools.domain.rollover import apply_rollover, next_name, plan_rollover
from schools.domain.undo import undo_import
from schools.models import Enrolment, Group, Student, YearGroup
from schools.student_list import ListedStudent, ListProblem, read_list
from tests import scenes
from tests.cast import NOW, actor

# ---- pasted lists (no database) -----------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("K.A.\nL.B.", [("K.A.", None, ()), ("L.B.", None, ())]),
        ("K.A.,10,10A + Football\n", [("K.A.", 10, ("10A", "Football"))]),
        ("K.A.\t10\t10A\r\n\r\nL.B.\t\t9B\r\n", [("K.A.", 10, ("10A",)), ("L.B.", None, ("9B",))]),
        ("Name;Class;Year\nK.A.;10A;Year 10\n", [("K.A.", 10, ("10A",))]),
        ("Student,Year group,Form\nK.A.,Y10,10A\n", [("K.A.", 10, ("10A",))]),
    ],
)
def test_list_is_read_with_or_without_a_header(text, found):
    students, problems = read_list(text)
    assert ([(s.alias, s.year, s.groups) for s in students], problems) == (found, ())


def test_header_may_name_more():
    students, _problems = read_list("alias,name,year,priority,needs\nK.A.,Kim A,10,yes,Step-free entrance\n")
    assert students == (ListedStudent(2, "K.A.", 10, (), "Kim A", True, "Step-free entrance"),)


def test_lines_that_cannot_be_read_are_named_and_the_rest_kept():
    students, problems = read_list(",10\nK.A.,10\nk.a.,11\nL.B.,ninety\nM.C.,14\n" + "x" * 41 + "\nN.D.\n")
    assert [s.alias for s in students] == ["K.A.", "N.D."]
    assert problems == (
        ListProblem(1, "no_alias"),
        ListProblem(3, "twice", "k.a."),
        ListProblem(4, "bad_year", "ninety"),
        ListProblem(5, "bad_year", "14"),
        ListProblem(6, "long_alias", "x" * 40),
    )


def test_open_quote_and_endless_list():
    assert read_list('K.A.\n"L.B.\n')[1] == (ListProblem(2, "bad_quote"),)
    assert read_list("x\n" * 2_001)[1][0].code == "too_many_lines"


@pytest.mark.parametrize(
    ("name", "following"),
    [
        ("10A", "11A"), ("9B", "10B"), ("09B", "10B"), ("Year 9 Red", "Year 10 Red"), ("901", "1001"),
        ("Y7/Ma1", "Y8/Ma1"),
        ("Football", ""), ("13C", ""), ("VIII B", ""),
    ],
)  # fmt: skip
def test_next_name_of_a_group(name, following):
    assert next_name(name) == following


# ---- single students ----------------------------------------------------------


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def listed(text: str):
    students, problems = read_list(text)
    assert problems == ()
    return students


@pytest.mark.django_db
def test_list_adds_and_the_second_time_updates(cast, by):
    add_group(cast.school, "10A", by=by, now=NOW)
    assert verbs.add_listed(cast.school, listed("K.A.,10,10A\nL.B.,10"), by=by, now=NOW) == (2, 0)
    assert verbs.add_listed(cast.school, listed("K.A.,10,10A\nL.B.,11\nM.C."), by=by, now=NOW) == (1, 1)
    assert list(Student.objects.values_list("alias", "year_group__number", "groups__name")) == [
        ("K.A.", 10, "10A"),
        ("L.B.", 11, None),
        ("M.C.", None, None),
    ]
    assert Group.objects.get().size == 1


@pytest.mark.django_db
def test_list_with_an_unknown_group_adds_nobody(cast, by):
    with pytest.raises(Refused, match="There is no group “10Z”"):
        verbs.add_listed(cast.school, listed("K.A.,10\nL.B.,10,10Z"), by=by, now=NOW)
    assert Student.objects.count() == 0


@pytest.mark.django_db
def test_change_is_marked_as_made_by_hand_and_the_log_says_no_words(cast, by):
    group = add_group(cast.school, "10A", by=by, now=NOW)
    row = verbs.save_student(cast.school, {"alias": "K.A.", "year": 10, "groups": [group]}, by=by, now=NOW)
    assert row.edited is False
    row = verbs.save_student(
        cast.school, {"shared_needs": "CANARY", "is_priority": True, "groups": []}, student=row, by=by, now=NOW
    )
    row.refresh_from_db()
    assert (row.alias, row.edited, row.is_priority, row.groups.count()) == ("K.A.", True, True, 0)
    assert "CANARY" not in repr(list(LogEntry.objects.values()))
    assert Group.objects.get().size == 0


@pytest.mark.django_db
def test_taken_alias_is_refused(cast, by):
    verbs.save_student(cast.school, {"alias": "K.A."}, by=by, now=NOW)
    with pytest.raises(Refused, match=r"called “K\.A\.” already"):
        verbs.save_student(cast.school, {"alias": "K.A."}, by=by, now=NOW)


@pytest.mark.django_db
def test_only_the_school_or_the_hub(cast, by):
    row = verbs.save_student(cast.school, {"alias": "K.A."}, by=by, now=NOW)
    for stranger in (
        actor(cast.school_member, cast.hub, cast.school),
        actor(cast.other_coordinator, cast.hub, cast.other_school),
        actor(cast.employer_lead, cast.hub, cast.employer),
    ):
        with pytest.raises(CannotAct):
            verbs.save_student(cast.school, {"alias": "X"}, student=row, by=stranger, now=NOW)
        with pytest.raises(CannotAct):
            verbs.leave(row, on=NOW.date(), by=stranger, now=NOW)
    row.refresh_from_db()
    assert (row.alias, row.left_on) == ("K.A.", None)


@pytest.mark.django_db
def test_employer_sees_no_student_row_ever(cast, by):
    verbs.save_student(cast.school, {"alias": "K.A.", "name": "CANARY"}, by=by, now=NOW)
    assert Student.objects.visible_to(cast.employer_lead).count() == 0
    assert Student.objects.visible_to(cast.coordinator).count() == 1


@pytest.mark.django_db
def test_leaver_keeps_what_they_are_named_for_and_it_is_said(cast, by):
    placed = scenes.placement(cast, state="accepted")
    named = placed.students.select_related("student").first().student
    assert standing([named.pk], NOW) == {named.pk: ["See how it is made, Tue 20 October"]}
    verbs.leave(named, on=NOW.date(), by=by, now=NOW)
    placed.refresh_from_db()
    assert (placed.state, placed.students.filter(student=named).count()) == ("ready", 1)
    assert Group.objects.get().size == 5
    titles = [need.title for need in school_needs(cast.school, now=NOW)]
    assert [title for title in titles if "has left" in title] == [
        "1 student named has left: See how it is made, Brightwater Engineering"
    ]
    verbs.come_back(named, by=by, now=NOW)
    assert Group.objects.get().size == 6


# ---- a new school year --------------------------------------------------------


def state() -> list:
    return [
        sorted(Student.objects.values_list("alias", "year_group__number", "left_on")),
        sorted(Enrolment.objects.values_list("student__alias", "group__key")),
        sorted(Group.objects.values_list("key", "size", "year_group__number")),
        sorted(YearGroup.objects.values_list("number", flat=True)),
    ]


@pytest.fixture
def school_year(cast, by):
    for name, year in (("9A", 9), ("10A", 10), ("11A", 11), ("Football", None)):
        add_group(cast.school, name, year=year, by=by, now=NOW)
    verbs.add_listed(
        cast.school, listed("N,9,9A + Football\nT,10,10A\nE,11,11A + Football\nX,,Football\nOld,11,11A"), by=by, now=NOW
    )
    verbs.leave(Student.objects.get(alias="Old"), on=NOW.date(), by=by, now=NOW)
    return cast.school


@pytest.mark.django_db
def test_everybody_goes_up_and_the_last_year_leaves(school_year, by):
    plan = plan_rollover(school_year, now=NOW)
    assert [(m.group.key, m.students, m.target, m.exists) for m in plan.moves] == [
        ("9A", 1, "10A", True),
        ("10A", 1, "11A", True),
    ]
    assert (plan.leaving_year, [s.alias for s in plan.leavers]) == (11, ["E"])
    apply_rollover(plan, {}, by=by, now=NOW)
    today = dt.date(2026, 9, 15)
    assert state()[:2] == [
        [("E", 11, today), ("N", 10, None), ("Old", 11, today), ("T", 11, None), ("X", None, None)],
        [("N", "10A"), ("N", "Football"), ("Old", "11A"), ("T", "11A"), ("X", "Football")],
    ]
    assert {key: size for key, size, _year in state()[2]} == {"9A": 0, "10A": 1, "11A": 1, "Football": 2}


@pytest.mark.django_db
def test_undo_of_a_new_year_gives_everything_back(school_year, by):
    before = state()
    done = apply_rollover(plan_rollover(school_year, now=NOW), {}, by=by, now=NOW)
    undo_import(done, by=by, now=NOW)
    assert state() == before


@pytest.mark.django_db
def test_nobody_leaves_when_it_is_said_and_groups_go_where_it_is_said(school_year, by):
    targets = {Group.objects.get(key="9A").pk: "10 Red", Group.objects.get(key="10A").pk: ""}
    plan = plan_rollover(school_year, now=NOW, leaving_year=0, targets=targets)
    apply_rollover(plan, targets, by=by, now=NOW)
    assert state()[:2] == [
        [("E", 12, None), ("N", 10, None), ("Old", 11, dt.date(2026, 9, 15)), ("T", 11, None), ("X", None, None)],
        [("E", "12A"), ("E", "Football"), ("N", "10 Red"), ("N", "Football"), ("Old", "11A"), ("X", "Football")],
    ]
    assert Group.objects.get(key="10 Red").year_group.number == 10


@pytest.mark.django_db
def test_a_second_time_is_refused(school_year, by):
    apply_rollover(plan_rollover(school_year, now=NOW), {}, by=by, now=NOW)
    with pytest.raises(Refused, match="was begun on Tue 15 September already"):
        apply_rollover(plan_rollover(school_year, now=NOW), {}, by=by, now=NOW)


@pytest.mark.django_db
def test_who_leaves_and_is_named_for_something_is_not_taken_out(cast, by):
    placed = scenes.placement(cast, state="accepted")
    plan = plan_rollover(cast.school, now=NOW)
    assert len(standing([s.pk for s in plan.leavers], NOW)) == 6
    apply_rollover(plan, {}, by=by, now=NOW)
    placed.refresh_from_db()
    assert (placed.state, placed.students.count()) == ("ready", 6)


# ---- pages --------------------------------------------------------------------


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
def test_list_costs_the_same_queries_for_one_and_three(page, cast, by, django_assert_num_queries):
    group = add_group(cast.school, "10A", by=by, now=NOW)
    for count in (1, 3):
        while Student.objects.count() < count:
            number = Student.objects.count()
            verbs.save_student(cast.school, {"alias": f"S{number}", "year": 10, "groups": [group]}, by=by, now=NOW)
        page.get("/school/groups/students/")
        with django_assert_num_queries(QUERIES):
            assert f"{count} student" in text(page.get("/school/groups/students/"))


QUERIES = 10


@pytest.mark.django_db
def test_empty_list_teaches_the_next_step(page):
    assert "No students yet" in text(page.get("/school/groups/students/"))


@pytest.mark.django_db
def test_filters(page, school_year):
    assert "1 student found" in text(page.get("/school/groups/students/?state=left"))
    assert "1 student found" in text(page.get("/school/groups/students/?year=9"))
    assert "0 students found" in text(page.get("/school/groups/students/?state=priority&group=99999999999999999999"))


@pytest.mark.django_db
def test_pasted_list_is_shown_before_it_is_added(page):
    response = page.post("/school/groups/students/add/", {"text": "K.A.,10", "look": "yes"})
    assert ("Add 1 student" in text(response), Student.objects.count()) == (True, 0)
    page.post("/school/groups/students/add/", {"text": "K.A.,10", "confirm": "yes"})
    assert Student.objects.count() == 1


@pytest.mark.django_db
def test_broken_list_keeps_what_was_typed_and_names_the_line(page):
    response = text(page.post("/school/groups/students/add/", {"text": "K.A.,10\nL.B.,99,10Z", "confirm": "yes"}))
    assert "Line 2: “99” is no year group" in response
    assert "K.A.,10" in response
    assert Student.objects.count() == 0


@pytest.mark.django_db
def test_student_is_changed_leaves_and_comes_back(page, cast, by):
    row = verbs.save_student(cast.school, {"alias": "K.A."}, by=by, now=NOW)
    page.post(f"/school/groups/students/{row.pk}/", {"alias": "K.B.", "year": "11"})
    page.post(f"/school/groups/students/{row.pk}/leave/", {"on": "2026-09-30"})
    row.refresh_from_db()
    assert (row.alias, row.year_group.number, row.left_on) == ("K.B.", 11, dt.date(2026, 9, 30))
    page.post(f"/school/groups/students/{row.pk}/", {"back": "yes"})
    row.refresh_from_db()
    assert row.left_on is None


@pytest.mark.django_db
def test_new_year_page_counts_before_it_begins(page, school_year):
    response = text(page.get("/school/groups/students/new-year/"))
    assert "Begin the new year" in response
    nine, ten = Group.objects.get(key="9A"), Group.objects.get(key="10A")
    data = {"leaving_year": "11", f"group_{nine.pk}": "10A", f"group_{ten.pk}": "11A"}
    page.post("/school/groups/students/new-year/", {**data, "look": "yes"})
    assert Student.objects.filter(left_on=None).count() == 4
    done = page.post("/school/groups/students/new-year/", {**data, "confirm": "yes"})
    assert "The new school year has begun" in text(page.get(done["Location"]))
    assert Student.objects.filter(left_on=None).count() == 3


@pytest.mark.django_db
def test_strangers_find_nothing(client, cast, by):
    row = verbs.save_student(cast.school, {"alias": "K.A."}, by=by, now=NOW)
    for person in (cast.other_coordinator, cast.coordinator_b, cast.employer_lead):
        client.force_login(person)
        assert client.get(f"/school/groups/students/{row.pk}/").status_code == 404
    client.force_login(cast.school_member)
    assert client.get(f"/school/groups/students/{row.pk}/").status_code == 200
    assert client.post(f"/school/groups/students/{row.pk}/", {"alias": "X"}).status_code == 403

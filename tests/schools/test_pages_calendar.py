"""The calendar's pages: load, look, confirm, edit, undo; who may and who may not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from schools.domain.compile import compile_school
from schools.models import (
    BellSchedule,
    Closure,
    EventRule,
    Import,
    PendingImport,
    ProtectedPeriod,
    ReleaseRule,
    School,
    Term,
    WeekMark,
    WeekPattern,
)
from tests import scenes
from tests.schools.files import AUTUMN, HALF_TERM, MOCKS, calendar, event

pytestmark = pytest.mark.django_db
UPLOAD = "/school/calendar/import/"


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


def send(client, data: bytes):
    return client.post(UPLOAD, {"file": SimpleUploadedFile("dates.ics", data)})


def load(client, data: bytes, **extra) -> Import:
    check = send(client, data)["Location"]
    done = client.post(check, {"confirm": "yes", **extra})["Location"]
    return Import.objects.get(pk=int(done.rstrip("/").rpartition("/")[2]))


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_empty_calendar_teaches_the_next_step(page):
    response = page.get("/school/calendar/")
    assert response.status_code == 200
    assert "No dates yet" in text(response)


def test_upload_shows_what_was_read_and_changes_nothing_yet(page):
    response = page.get(send(page, calendar(*AUTUMN, HALF_TERM, MOCKS))["Location"])
    assert "Autumn half term" in text(response)
    assert "Load these dates" in text(response)
    assert (Term.objects.count(), PendingImport.objects.count()) == (0, 1)


def test_confirm_loads_and_the_file_is_gone(page):
    done = load(page, calendar(*AUTUMN, HALF_TERM))
    assert (Term.objects.count(), PendingImport.objects.count()) == (2, 0)
    assert "The dates are in" in text(page.get(f"/school/calendar/imports/{done.pk}/"))


def test_weeks_that_change_their_number_are_said_before_they_do(page):
    def numbered(*weeks: int) -> bytes:
        days = (f"202609{7 + 7 * number:02}" for number in range(len(weeks)))
        marks = [event(f"w{day}", day, day, f"Term day (Week {week})") for week, day in zip(weeks, days, strict=True)]
        return calendar(*AUTUMN, *marks)

    load(page, numbered(1, 2, 1))
    said = text(page.get(send(page, numbered(1, 2, 1))["Location"]))
    assert "3 weeks are numbered." in said
    assert "otherwise than until now" not in said
    said = text(page.get(send(page, numbered(2, 1, 1))["Location"]))
    assert "2 weeks are numbered otherwise than until now, and their lessons with them" in said
    assert "Week of Mon 7 September: 1 becomes 2" in said


def test_undo_from_the_done_page(page):
    done = load(page, calendar(*AUTUMN, HALF_TERM))
    page.post(f"/school/calendar/imports/{done.pk}/undo/")
    assert (Term.objects.count(), Closure.objects.count()) == (0, 0)
    assert "The dates are in" not in (said := text(page.get(f"/school/calendar/imports/{done.pk}/")))
    assert "The import was undone" in said


def test_pasted_text_is_read_too(page):
    response = page.post(UPLOAD, {"text": calendar(*AUTUMN).decode().replace("\r\n", "\n")})
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"hello", "This is not a calendar: line 1 does not begin one."),
        (calendar(*AUTUMN)[:90], "The file stops in the middle"),
        (calendar(event("x", "20260230", "20260231", "Trip")), "Event “Trip” (line 4): DTSTART is “20260230”"),
        (b"x" * (2 * 1024 * 1024 + 1), "This file is larger than 2 MB."),
    ],
)
def test_broken_file_is_said_beside_the_field_and_nothing_kept(page, data, sentence):
    response = send(page, data)
    assert response.status_code == 200
    assert sentence in text(response)
    assert PendingImport.objects.count() == 0


def test_nothing_chosen_is_said(page):
    assert "Choose a file, or paste its text below." in text(page.post(UPLOAD, {}))


def test_reclassifying_is_remembered_and_read_again(page):
    check = send(page, calendar(*AUTUMN, event("x", "20261120", "20261121", "Founders day")))["Location"]
    rows = page.get(check).context["kinds"].rows
    number = next(n for n, row in enumerate(rows) if row[0] == "Founders day")
    kinds = {f"kind_{n}": row[1] for n, row in enumerate(rows)} | {f"kind_{number}": "closure"}
    page.post(check, {"kinds": "yes", **kinds})
    assert list(EventRule.objects.values_list("words", "kind")) == [("founders day", "closure")]
    assert "Founders day" in [line["name"] for part in page.get(check).context["parts"] for line in part["lines"]]


def test_numbered_weeks_must_be_answered_before_loading(page):
    days = [
        event(f"d{n}", f"202609{7 * n:02}", f"202609{7 * n + 5:02}", f"School open (Week {n + 4})") for n in (1, 2, 3)
    ]
    check = send(page, calendar(*days))["Location"]
    response = page.post(check, {"confirm": "yes"})
    assert "Choose one." in text(response)
    assert Import.objects.count() == 0
    page.post(check, {"confirm": "yes", "cycle": "2"})
    assert WeekPattern.objects.get().letters == ["A", "B"]


def test_second_tap_finds_the_file_gone(page):
    check = send(page, calendar(*AUTUMN))["Location"]
    page.post(check, {"confirm": "yes"})
    assert page.post(check, {"confirm": "yes"}).status_code == 404
    assert Import.objects.count() == 1


def test_file_put_aside_is_gone(page):
    page.post(send(page, calendar(*AUTUMN))["Location"], {"put_aside": "yes"})
    assert (PendingImport.objects.count(), Term.objects.count()) == (0, 0)


def test_day_opened_on_the_map_says_why(page):
    load(page, calendar(*AUTUMN, HALF_TERM))
    response = page.get("/school/calendar/?year=2026-09-01&day=2026-10-28")
    assert response.context["day"]["text"] == "Autumn half term, Sat 24 October – Sun 1 November"
    assert page.get("/school/calendar/?day=nonsense&year=9999-99-99&group=x").status_code == 200


def test_term_is_added_changed_and_removed(page):
    page.post("/school/calendar/terms/new/", {"name": "Autumn", "starts_on": "2026-09-01", "ends_on": "2026-10-23"})
    term = Term.objects.get()
    assert (term.edited, term.source) == (True, None)
    page.post(
        f"/school/calendar/terms/{term.pk}/", {"name": "Fall", "starts_on": "2026-09-01", "ends_on": "2026-10-24"}
    )
    assert Term.objects.get().name == "Fall"
    page.post(f"/school/calendar/terms/{term.pk}/", {"remove": "yes"})
    assert Term.objects.count() == 0


def test_days_in_the_wrong_order_are_said_and_kept(page):
    given = {"kind": "staff_day", "name": "Inset", "starts_on": "2026-10-02", "ends_on": "2026-10-01"}
    response = page.post("/school/calendar/closures/new/", given)
    assert "This is before the first day." in text(response)
    assert 'value="Inset"' in text(response)
    assert Closure.objects.count() == 0


def test_protected_period_of_a_year_group(page, cast):
    load(page, calendar(*AUTUMN, MOCKS))
    period = ProtectedPeriod.objects.get()
    given = {"name": "Mocks", "hardness": "avoid", "starts_on": "2026-11-30", "ends_on": "2026-12-04",
             "weekdays": ["0", "1"], "starts_at": "09:00", "ends_at": "12:00"}  # fmt: skip
    assert page.post(f"/school/calendar/protected/{period.pk}/", given).status_code == 302
    period.refresh_from_db()
    assert (period.hardness, period.weekdays, period.edited, period.year_groups.count()) == ("avoid", [0, 1], True, 0)


def test_weeks_bell_and_release_rule_are_set(page):
    page.post("/school/calendar/weeks/", {"letters": "A B", "anchor_on": "2026-09-07"})
    assert WeekPattern.objects.get().letters == ["A", "B"]
    periods = {"periods-TOTAL_FORMS": "2", "periods-INITIAL_FORMS": "0",
               "periods-0-name": "P1", "periods-0-starts_at": "09:00", "periods-0-ends_at": "10:00"}  # fmt: skip
    page.post("/school/calendar/bell/new/", {"name": "Day", "week_letter": "", **periods})
    assert [str(p) for p in BellSchedule.objects.get().periods.all()] == ["P1 09:00–10:00"]
    page.post("/school/calendar/release/", {"weekdays": ["1"], "notice_weeks": "3", "protected_subjects": "PE, Art"})
    rule = ReleaseRule.objects.get()
    assert (rule.weekdays, rule.notice_weeks, rule.protected_subjects) == ([1], 3, ["PE", "Art"])
    shown = text(page.get("/school/calendar/"))
    assert "3 school weeks' notice" in shown.replace("&#x27;", "'")


def test_a_year_group_gets_a_rule_of_its_own(page, cast):
    group = scenes.group(cast.school)
    year = group.year_group
    assert f"/school/calendar/release/{year.pk}/" in text(page.get("/school/calendar/"))
    form = text(page.get(f"/school/calendar/release/{year.pk}/")).replace("&#x27;", "'")
    assert ("What holds where you say nothing" in form, "Most students out" in form) == (True, False)
    page.post(f"/school/calendar/release/{year.pk}/", {"weekdays": ["4"], "notice_weeks": "2"})
    rule = ReleaseRule.objects.get()
    assert (rule.year_group, rule.weekdays, rule.notice_weeks) == (year, [4], 2)
    assert text(page.get("/school/calendar/")).count(f"/school/calendar/release/{year.pk}/") == 1


def test_a_group_gets_a_rule_of_its_own_and_loses_it_again(page, cast):
    group = scenes.group(cast.school)
    address = f"/school/calendar/release/groups/{group.pk}/"
    assert address in text(page.get(f"/school/groups/{group.pk}/"))
    form = text(page.get(address)).replace("&#x27;", "'")
    assert ("Any school day, at any notice." in form, "Most students out" in form) == (True, False)
    page.post(address, {"weekdays": ["2"], "notice_weeks": "1"})
    rule = ReleaseRule.objects.get()
    assert (rule.group, rule.year_group, rule.weekdays, rule.notice_weeks) == (group, None, [2], 1)
    assert text(page.get("/school/calendar/")).count(address) == 1
    page.post(address, {"remove": "yes"})
    assert not ReleaseRule.objects.exists()


def test_the_rules_a_groups_own_leaves_to_others_stand_above_it(page, cast):
    group = scenes.group(cast.school)
    own = {"hub": cast.hub, "school": cast.school}
    ReleaseRule.objects.create(notice_weeks=3, most_out_per_day=40, **own)
    ReleaseRule.objects.create(year_group=group.year_group, weekdays=[2], **own)
    ReleaseRule.objects.create(group=scenes.group(cast.school, "10B"), weekdays=[4], latest="14:00", **own)

    def above(address: str) -> list[ReleaseRule]:
        return page.get(address).context["above"]

    rules = list(ReleaseRule.objects.filter(group=None).order_by("-year_group__number"))
    of_year = f"/school/calendar/release/{group.year_group_id}/"
    assert {str(rule) for rule in above(f"/school/calendar/release/groups/{group.pk}/")} == {str(r) for r in rules}
    assert [rule.year_group for rule in above(of_year)] == [None]
    assert above("/school/calendar/release/") == []
    form = text(page.get(f"/school/calendar/release/groups/{group.pk}/")).replace("&#x27;", "'")
    assert form.index("Year 10") < form.index("3 school weeks' notice") < form.index("May be out on")
    assert ("at most 40 students a day" in form, "Friday" in form.partition("May be out on")[0]) == (True, False)
    assert "None ticked: as said above." in form


def test_a_file_without_terms_is_no_warning_where_the_school_has_some(page, cast):
    said = "No term could be read"
    assert said in text(page.get(send(page, calendar(HALF_TERM))["Location"]))
    scenes.group(cast.school)
    assert said not in text(page.get(send(page, calendar(HALF_TERM))["Location"]))


def test_weeks_the_calendar_names_are_shown_and_can_be_forgotten(page, cast):
    page.post("/school/calendar/weeks/", {"letters": "A B", "anchor_on": "2026-09-07"})
    named = calendar(*AUTUMN, event("w", "20260914", "20260915", "Week A"))
    load(page, named)
    monday = WeekMark.objects.get().monday

    def letter():
        return compile_school(School.objects.get(pk=cast.school.pk)).letter(monday)

    assert (monday, letter()) == (dt.date(2026, 9, 14), "A")
    assert "says of 1 week which it is" in text(page.get("/school/calendar/weeks/"))
    page.post("/school/calendar/weeks/", {"forget": "yes"})
    assert (letter(), WeekMark.objects.exists()) == ("B", False)
    load(page, named)
    assert (letter(), WeekMark.objects.exists()) == ("B", False)


def test_overlapping_periods_are_said(page):
    given = {"name": "Day", "periods-TOTAL_FORMS": "2", "periods-INITIAL_FORMS": "0",
             "periods-0-name": "P1", "periods-0-starts_at": "09:00", "periods-0-ends_at": "10:00",
             "periods-1-name": "P2", "periods-1-starts_at": "09:30", "periods-1-ends_at": "10:30"}  # fmt: skip
    assert "“P1” and “P2” overlap." in text(page.post("/school/calendar/bell/new/", given))
    assert BellSchedule.objects.count() == 0


def test_confirming_the_calendar_notes_the_day(page, cast):
    page.post("/school/calendar/confirm/")
    cast.school.refresh_from_db()
    assert cast.school.calendar_checked_at is not None


ROUTES = [
    ("school-term", Term),
    ("school-closure", Closure),
    ("school-protected", ProtectedPeriod),
    ("school-import", Import),
]


@pytest.mark.parametrize(("name", "model"), ROUTES)
def test_another_schools_row_does_not_exist(client, cast, page, name, model):
    load(page, calendar(*AUTUMN, HALF_TERM, MOCKS))
    address = reverse(name, args=[model.objects.first().pk])
    assert page.get(address).status_code == 200
    for person in (cast.other_coordinator, cast.coordinator_b, cast.employer_lead, cast.chloe):
        client.force_login(person)
        assert client.get(address).status_code == 404
        assert client.post(address, {"remove": "yes"}).status_code in (404, 405)
    assert model.objects.count() > 0


def test_another_schools_waiting_file_does_not_exist(client, cast, page):
    check = send(page, calendar(*AUTUMN))["Location"]
    client.force_login(cast.other_coordinator)
    assert client.post(check, {"confirm": "yes"}).status_code == 404
    assert Term.objects.count() == 0


def test_members_look_and_may_not_change(client, cast, page):
    done = load(page, calendar(*AUTUMN))
    client.force_login(cast.school_member)
    shown = text(client.get("/school/calendar/"))
    assert "Load term dates" not in shown
    assert "Term 1" in shown
    for address in (
        UPLOAD, "/school/calendar/confirm/", "/school/calendar/terms/new/", "/school/calendar/weeks/",
        "/school/calendar/release/", "/school/calendar/bell/new/", f"/school/calendar/imports/{done.pk}/undo/",
    ):  # fmt: skip
        assert client.post(address, {"x": "y"}).status_code == 403
    assert Term.objects.count() == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_calendar_costs_the_same_queries_with_more_rows(page, cast, rows, django_assert_num_queries):
    load(page, calendar(*AUTUMN, HALF_TERM, MOCKS))
    for n in range(rows):
        day = dt.date(2026, 11, 9 + n)
        Closure.objects.create(hub=cast.hub, school=cast.school, name=f"Day {n}", starts_on=day, ends_on=day)
        BellSchedule.objects.create(hub=cast.hub, school=cast.school, name=f"Bell {n}")
    page.get("/school/calendar/")
    with django_assert_num_queries(18):
        page.get("/school/calendar/")


def test_rules_are_shown_changed_and_forgotten(page, cast):
    page.post("/school/calendar/rules/", {"words_0": "Founders’ Day!", "kind_0": "closure", "years_0": ""})
    assert list(EventRule.objects.values_list("words", "kind", "years")) == [("founders day", "closure", [])]
    row = {"words_0": "founders day", "kind_0": "protected", "years_0": "10, 11"}
    page.post("/school/calendar/rules/", {**row, "words_1": "cake sale", "kind_1": "ignore"})
    assert list(EventRule.objects.order_by("words").values_list("words", "kind", "years")) == [
        ("cake sale", "ignore", []),
        ("founders day", "protected", [10, 11]),
    ]
    load(page, calendar(*AUTUMN, event("f", "20261110", "20261111", "Founders Day")))
    assert [year.number for year in ProtectedPeriod.objects.get().year_groups.all()] == [10, 11]
    both = {"words_0": "cake sale", "kind_0": "ignore", "words_1": "founders day", "kind_1": "protected"}
    page.post("/school/calendar/rules/", {**both, "years_1": "10 11", "forget_1": "on"})
    assert list(EventRule.objects.values_list("words", flat=True)) == ["cake sale"]


def test_rule_that_says_nothing_or_is_there_already_is_refused(page):
    page.post("/school/calendar/rules/", {"words_0": "inset", "kind_0": "closure"})
    row = {"words_0": "inset", "kind_0": "closure"}
    assert "already" in text(page.post("/school/calendar/rules/", {**row, "words_1": "INSET", "kind_1": "ignore"}))
    assert "Write the words" in text(page.post("/school/calendar/rules/", {**row, "words_1": "!!", "kind_1": "ignore"}))
    response = page.post("/school/calendar/rules/", {**row, "words_1": "x", "kind_1": "ignore", "years_1": "ten"})
    assert "Write numbers of year groups" in text(response)
    assert EventRule.objects.count() == 1


def test_event_that_cannot_be_read_is_listed_and_the_rest_needs_a_word(page):
    check = send(page, calendar(*AUTUMN, event("x", "20261399", "20261401", "Trip")))["Location"]
    assert "Event “Trip” (line 16): DTSTART is “20261399”" in text(page.get(check))
    assert "Tick this to go on." in text(page.post(check, {"confirm": "yes"}))
    assert Term.objects.count() == 0
    page.post(check, {"confirm": "yes", "without_problems": "on"})
    assert Term.objects.count() == 2

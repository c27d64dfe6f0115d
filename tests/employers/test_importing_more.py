"""Lists of employers: what others do meanwhile, headings that come twice, a second line of a firm, undoing in part."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from employers import import_undo, importing
from employers.domain import add_contact
from employers.import_plan import plan_import
from employers.import_undo import undo_import
from employers.models import ColumnMeaning, Contact, Employer, EmployerImport
from employers.sheet_reading import Sheet, read_sheet
from employers.viewsets_imports import ON_A_PAGE
from hubs.models import Invitation, LogEntry
from placements.domain.merging import merge
from tests.cast import NOW
from tests.employers import lists
from tests.employers.test_importing import LATER, done
from tests.employers.test_imports_office import here, upload, words

BRIGHT = ("Brightwater Engineering", "77", *[""] * 8)


def locked_tables(queries) -> list[str]:
    return [one["sql"].partition('FROM "')[2].partition('"')[0] for one in queries if "FOR NO KEY UPDATE" in one["sql"]]


@pytest.mark.needs_postgresql
def test_employers_a_list_touches_are_held_before_they_are_looked_at(cast, desk, read):
    kept = read(BRIGHT)
    seen = plan_import(kept).digest
    with CaptureQueriesContext(connection) as queries:
        importing.import_list(kept, seen=seen, inviting=False, by=desk, now=NOW)
    assert locked_tables(queries)[:3] == ["hubs_hub", "employers_employerimport", "employers_employer"]
    with CaptureQueriesContext(connection) as queries:
        undo_import(kept, by=desk, now=LATER)
    assert locked_tables(queries)[:3] == ["hubs_hub", "employers_employerimport", "employers_employer"]


def test_two_columns_of_one_heading_are_remembered_each_for_itself(cast, desk, read):
    header = ("Firma", "Kontakt", "Kontakt", "Kontakt")
    kept = read(("Elm", "Ann", "a@elm.example", "x"), header=header)
    importing.say_columns(kept, ["name", "person", "email", ""], by=desk, now=NOW)
    assert dict(ColumnMeaning.objects.values_list("words", "field")) == {
        "firma": "name", "kontakt": "person", "kontakt 2": "email", "kontakt 3": "",
    }  # fmt: skip
    assert read(("Ash", "Bo", "b@ash.example", "y"), header=header).columns == ["name", "person", "email", ""]


def test_a_person_in_a_later_line_of_a_new_employer_is_invited(cast, desk, read):
    silent = (*lists.MILL[:9], "")
    more = [(*lists.MILL[:8], name, f"{name}@oldmill.example") for name in ("bo", "cy")]
    kept = read(silent, *more, lists.FORGE)
    assert plan_import(kept).counts()["inviting"] == 2
    done(kept, desk, inviting=True)
    assert sorted(Invitation.objects.values_list("email", flat=True)) == ["bo@forge.example", "bo@oldmill.example"]


def test_undoing_leaves_a_main_contact_and_names_every_row_in_the_log(cast, desk, read):
    kept = done(read((*BRIGHT[:8], "Ann", "ann@brightwater.example"), lists.FORGE), desk)
    ann = Contact.objects.get(name="Ann")
    add_contact(cast.employer, {"name": "Bo"}, by=desk, now=LATER)
    assert ann.is_main
    undo_import(kept, by=desk, now=LATER)
    assert list(Contact.objects.values_list("name", "is_main")) == [("Bo", True)]
    removed = LogEntry.objects.filter(verb="removed").values_list("subject_type", flat=True)
    assert sorted(removed) == ["employers.contact", "employers.contact", "employers.employer", "employers.site"]


def test_what_was_put_into_another_record_stays_there(cast, desk, read):
    kept = done(read(lists.MILL, lists.FORGE), desk)
    mill = Employer.objects.get(name="Old Mill Bakery Ltd")
    merge(cast.employer, mill, by=desk, now=LATER)
    plan = import_undo.plan_undo(kept)
    assert [one.name for one, _why in plan.stays] == ["Old Mill Bakery Ltd"]
    undo_import(kept, by=desk, now=LATER + dt.timedelta(hours=1))
    assert Contact.objects.get().employer_id == cast.employer.pk


# ---- Lists of names -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "header", "lines"),
    [
        (b"Company\nElm\nAsh\n", ["Company"], [(2, ["Elm"]), (3, ["Ash"])]),
        (b"Our friends\n\nCompany\nElm\n", ["Company"], [(4, ["Elm"])]),
        (b"Wer\nElm\n", ["Wer"], [(2, ["Elm"])]),
        (lists.workbook(("Elm",), header=("Name",)), ["Name"], [(2, ["Elm"])]),
    ],
)
def test_a_list_of_one_column_is_read(data, header, lines):
    assert read_sheet(data) == Sheet(header, lines, [])


def test_a_list_of_names_alone_is_imported(cast, desk):
    kept = importing.keep_list(cast.hub, b"Company\nElm\nAsh\n", file_name="names.csv", by=desk, now=NOW)
    done(kept, desk)
    assert Employer.objects.filter(name__in=["Elm", "Ash"]).count() == 2


# ---- Pages ----------------------------------------------------------------------------


def test_turning_the_page_keeps_what_was_chosen_and_where_one_is(office):
    names = [hashlib.sha256(bytes([number])).hexdigest()[:16] for number in range(ON_A_PAGE + 1)]  # none like another
    upload(office, lists.text(("Brightwater Engineers", *[""] * 9), *[(name, *[""] * 9) for name in names]))
    answer = office.post(here("lines"), {"p": "1", "line-2": "out", "page": "2"})
    assert answer["Location"] == f"{here()}?p=2"
    assert EmployerImport.objects.get().choices == {"2": "out"}
    shown = words(office.get(answer["Location"]))
    assert ("Page 2 of 2" in shown, names[-1] in shown, names[0] in shown) == (True, True, False)
    first = words(office.get(here()))
    assert first.index("<strong>Brightwater Engineers") < first.index(names[0])  # decided, and where it was
    kept = office.post(here("lines"), {"p": "2", "line-103": "out"})
    assert kept["Location"] == f"{here()}?p=2"


def test_the_list_of_employers_leads_to_importing_one(office, cast):
    way = reverse("employer-imports:add")
    assert way in words(office.get(reverse("employers:index"))).partition("<main")[2]
    office.force_login(cast.ben)
    assert way not in words(office.get(reverse("employers:index"))).partition("<main")[2]


def test_an_employer_put_away_since_does_not_keep_the_rest_from_being_undone(cast, desk, read):
    kept = done(read(lists.FORGE), desk)
    kept.outcome = {**kept.outcome, "changed": [[cast.other_employer.pk, {"website": cast.other_employer.website}]]}
    kept.save()
    merge(cast.employer, cast.other_employer, by=desk, now=LATER)
    assert import_undo.undo_import(kept, by=desk, now=LATER + dt.timedelta(hours=1)).facts == []
    assert not Employer.objects.filter(name=lists.FORGE[0]).exists()

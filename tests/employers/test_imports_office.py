"""Lists of employers in the back office."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from employers.models import Employer, EmployerImport
from hubs.models import Message
from tests.employers import lists


def upload(client, data: bytes, name: str = "our employers.csv"):
    return client.post(reverse("employer-imports:add"), {"file": SimpleUploadedFile(name, data)}, follow=True)


def here(name: str = "inspect") -> str:
    return reverse(f"employer-imports:{name}", args=[EmployerImport.objects.latest("pk").pk])


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_from_upload_to_undone(office, cast):
    vague = ("Brightwater Engineers", *[""] * 9)
    bad = ("", "9", *[""] * 8)
    shown = words(upload(office, lists.text(lists.MILL, vague, bad, ("Elm", *[""] * 8, "nobody"))))
    assert "3 employers are added" not in shown
    for said in (
        "2 employers are added.",
        "1 line looks like an employer you have.",
        "Like Brightwater Engineering: a name much like it.",
        "Line 4 names no employer and is left out.",
        "Line 5: “nobody” is no e-mail address. The rest of the line is kept.",
        "Without this tick nobody gets a mail.",
    ):
        assert (said, said in shown) == (said, said != "Without this tick nobody gets a mail.")
    shown = words(office.post(here("lines"), {"line-3": "out", "line-x": "new"}, follow=True))
    assert ("Without this tick nobody gets a mail." in shown, Employer.objects.filter(name="Elm").count()) == (True, 0)
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    shown = words(office.post(here("lines"), {"import": "yes", "seen": seen}, follow=True))
    assert ("2 employers were added." in shown, "Nobody got a mail." in shown) == (True, True)
    assert (Employer.objects.filter(name__in=["Elm", "Old Mill Bakery Ltd"]).count(), Message.objects.count()) == (2, 0)
    undo = reverse("employer-imports:act", args=[EmployerImport.objects.get().pk, "undo"])
    assert undo in shown
    shown = words(office.post(undo, follow=True))
    assert "Undone: 2 employers were removed again." in shown
    assert Employer.objects.filter(hub=cast.hub).count() == 2


def test_what_was_chosen_and_not_kept_is_looked_at_before_anything_is_imported(office, cast):
    shown = words(upload(office, lists.text(("Brightwater Engineering", *[""] * 9))))
    assert "1 employer is added." not in shown
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    shown = words(office.post(here("lines"), {"import": "yes", "seen": seen, "line-2": "new"}, follow=True))
    assert ("Something changed since this list was shown." in shown, "1 employer is added." in shown) == (True, True)
    assert EmployerImport.objects.get().state == "waiting"


def test_a_list_without_known_headings_asks_for_its_columns(office):
    shown = words(upload(office, lists.workbook(("Elm", "Hull"), header=("Wer", "Wo")), "wer.xlsx"))
    assert ("Which column is which?" in shown, "Elm" in shown) == (True, True)
    refused = words(office.post(here("columns"), {"column-0": "", "column-1": "town"}))
    assert "Say which column is the name of the employer." in refused
    shown = words(office.post(here("columns"), {"column-0": "name", "column-1": "town"}, follow=True))
    assert "1 employer is added." in shown


def test_a_file_that_is_no_list_is_said_beside_the_form(office):
    answer = upload(office, b"\xd0\xcf\x11\xe0", "old.xls")
    assert (answer.status_code, "Save it as .xlsx or CSV" in words(answer)) == (200, True)
    assert EmployerImport.objects.count() == 0


def test_a_viewer_looks_and_changes_nothing(office, cast, client):
    upload(office, lists.text(lists.MILL))
    client.force_login(cast.ben)
    shown = words(client.get(here()))
    assert ("1 employer is added." in shown, 'name="import"' in shown) == (True, False)
    posted = [client.post(here("lines"), {"line-2": "out"}), client.get(here("columns")), client.post(here("columns"))]
    posted += [client.get(reverse("employer-imports:add")), upload(client, lists.text(lists.MILL))]
    assert [answer.status_code for answer in posted] == [403] * 5
    assert (EmployerImport.objects.get().choices, Employer.objects.filter(name__startswith="Old Mill").count()) == (
        {},
        0,
    )


def test_another_hubs_list_does_not_exist(office, cast, client):
    upload(office, lists.text(lists.MILL))
    EmployerImport.objects.update(hub=cast.hub_b)
    for answer in (office.get(here()), office.get(here("columns")), office.post(here("lines"), {"line-2": "out"})):
        assert answer.status_code == 404
    assert EmployerImport.objects.get().choices == {}


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_ask_the_database_the_same_however_many(office, count, django_assert_num_queries):
    for _ in range(count):
        upload(office, lists.text(*[(f"{word} Works", *[""] * 9) for word in ("Elm", "Ash", "Oak")[:count]]))
    office.get(here())
    with django_assert_num_queries(LIST):
        office.get(reverse("employer-imports:index"))
    with django_assert_num_queries(ONE):
        office.get(here())


LIST, ONE = 11, 23

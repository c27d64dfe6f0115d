"""A hub's list of employers: looked at, imported all or nothing, again, and undone."""

from __future__ import annotations

import datetime as dt

import pytest

from employers import import_undo, importing
from employers.domain import add_contact, add_site, change_employer
from employers.import_plan import plan_import
from employers.import_undo import plan_undo, undo_import
from employers.models import ColumnMeaning, Contact, Employer, EmployerImport, EvidenceFigure, Site
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.models import Invitation, LogEntry, Message, Note
from insights import evidence
from opportunities.models import Opportunity
from tests import scenes
from tests.cast import NOW, actor
from tests.employers import lists

LATER = NOW + dt.timedelta(hours=1)


def done(kept: EmployerImport, desk, *, inviting: bool = False, now=NOW) -> EmployerImport:
    importing.import_list(kept, seen=plan_import(kept).digest, inviting=inviting, by=desk, now=now)
    return kept


def there() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Employer, Site, Contact, Note, Invitation, Message)}


def counts(kept: EmployerImport, *names: str) -> list[int]:
    found = plan_import(kept).counts()
    return [found[name] for name in names]


def test_a_list_becomes_employers_with_site_and_contact_and_nobody_is_written_to(cast, desk, read):
    before = there()
    kept = done(read(lists.MILL, lists.FORGE), desk)
    mill, forge = Employer.objects.filter(pk__in=kept.outcome["employers"]).order_by("-name")
    assert (mill.name, mill.number, mill.size, mill.website) == (
        "Old Mill Bakery Ltd", "0123", "small", "https://oldmill.example",
    )  # fmt: skip
    assert (forge.size, forge.site_set.get().name, forge.contact_set.get().email) == (
        "large",
        "Hull",
        "bo@forge.example",
    )
    assert mill.contact_set.get().is_main is True
    added = {name: count - before[name] for name, count in there().items()}
    assert added == {"Employer": 2, "Site": 2, "Contact": 2, "Note": 0, "Invitation": 0, "Message": 0}
    entry = LogEntry.objects.get(subject_type="employers.employerimport", verb="imported")
    assert (entry.by, entry.facts["new"], entry.facts["invited"]) == (cast.amina, 2, 0)
    assert (kept.lines, kept.header, kept.choices) == ([], [], {})


def test_the_same_list_once_more_changes_nothing(desk, read):
    done(read(lists.MILL, lists.FORGE), desk)
    before = there()
    again = read(lists.MILL, lists.FORGE)
    assert counts(again, "new", "more", "nothing", "undecided") == [0, 0, 2, 0]
    assert again.notes == ["same_file"]
    with pytest.raises(Refused, match="nothing would change"):
        done(again, desk)
    assert there() == before


def test_what_stands_there_is_never_written_over_and_only_gaps_are_filled(cast, desk, read):
    employer = cast.employer
    change_employer(employer, {"website": "https://ours.example"}, by=desk, now=NOW)
    add_site(employer, {"name": "Works", "postcode": "LS1 1AA"}, by=desk, now=NOW)
    row = ("Brightwater Engineering Ltd", "77", "1", "Making and engineering", "theirs.example", "", "Leeds", "ls11aa",
           "Cy Elm", "cy@brightwater.example")  # fmt: skip
    kept = read(row)
    assert counts(kept, "new", "more", "undecided") == [0, 1, 0]
    done(kept, desk)
    employer.refresh_from_db()
    assert (employer.name, employer.number, employer.size, employer.website) == (
        "Brightwater Engineering", "77", "small", "https://ours.example",
    )  # fmt: skip
    assert [one.code for one in employer.sectors.all()] == ["manufacturing"]
    assert (employer.site_set.count(), employer.contact_set.get().name) == (1, "Cy Elm")


def test_what_only_may_be_the_same_waits_for_a_word_and_the_word_is_kept_for_the_next_list(cast, desk, read):
    row = ("Brightwater Engineers", *[""] * 9)
    kept = read(row)
    assert counts(kept, "new", "undecided") == [0, 1]
    with pytest.raises(Refused, match="1 line looks like"):
        done(kept, desk)
    importing.choose(kept, {2: str(cast.employer.pk)}, by=desk, now=NOW)
    importing.choose(kept, {2: str(cast.employer_b.pk)}, by=desk, now=NOW)  # another hub's: nobody it was likened to
    assert counts(kept, "undecided") == [1]
    number = ("Brightwater Engineers", "88", *[""] * 8)
    kept = read(number)
    importing.choose(kept, {2: str(cast.employer.pk)}, by=desk, now=NOW)
    done(kept, desk)
    again = read(row)
    assert [line.choice for line in plan_import(again).lines] == [str(cast.employer.pk)]


def test_two_lines_of_one_firm_make_one_employer_with_two_sites(desk, read):
    second = (*lists.MILL[:5], "9 High Road", "York", "YO1 1AA", "Di Fir", "di@oldmill.example")
    kept = read(lists.MILL, second)
    assert counts(kept, "new", "more", "again") == [1, 0, 1]
    done(kept, desk)
    (employer,) = Employer.objects.filter(pk__in=kept.outcome["employers"])
    assert [site.name for site in employer.site_set.all()] == ["Leeds", "York"]
    assert [(one.name, one.is_main) for one in employer.contact_set.all()] == [("Ann Oak", True), ("Di Fir", False)]


def test_a_line_that_is_one_with_a_line_left_out_waits_for_a_word(desk, read):
    kept = read(("Old Mill", *[""] * 6, "LS1 1AA", "", ""), ("Old Mills", *[""] * 6, "LS1 1AA", "", ""))
    importing.choose(kept, {2: "new", 3: "-2"}, by=desk, now=NOW)
    assert counts(kept, "new", "nothing", "undecided") == [1, 1, 0]
    importing.choose(kept, {2: "out"}, by=desk, now=NOW)
    assert counts(kept, "new", "out", "undecided") == [1, 1, 0]  # nobody is like it any more: it is new


def test_a_new_firm_of_a_name_there_is_gets_its_town(cast, desk, read):
    add_site(cast.employer, {"name": "Works", "postcode": "LS1 1AA"}, by=desk, now=NOW)
    kept = read(("brightwater engineering", *[""] * 5, "Hull", "HU1 1AA", "", ""))
    assert counts(kept, "undecided") == [1]  # one name in two places: a person says
    importing.choose_for_the_rest(kept, "new", by=desk, now=NOW)
    done(kept, desk)
    assert Employer.objects.get(pk__in=kept.outcome["employers"]).name == "brightwater engineering, Hull"


def test_columns_are_said_once_and_known_in_the_next_list(cast, desk, read):
    rows, header = ("Fir Trees", "Sue"), ("Wer", "Mit wem")
    kept = read(rows, header=header)
    assert kept.columns == ["", ""]
    for columns, said in ((["", "person"], "name of the employer"), (["name", "name"], "Two columns")):
        with pytest.raises(Refused, match=said):
            importing.say_columns(kept, columns, by=desk, now=NOW)
    importing.say_columns(kept, ["name", "person"], by=desk, now=NOW)
    assert read(rows, header=header).columns == ["name", "person"]
    assert set(ColumnMeaning.objects.values_list("hub", flat=True)) == {cast.hub.pk}


def test_contacts_are_invited_when_the_hub_says_so(cast, desk, read):
    kept = done(read(lists.MILL, lists.FORGE), desk, inviting=True)
    assert kept.outcome["counts"]["invited"] == 2
    assert sorted(Invitation.objects.values_list("email", "role")) == [
        ("ann@oldmill.example", "employer_lead"), ("bo@forge.example", "employer_lead"),
    ]  # fmt: skip


def test_all_or_nothing(desk, read, monkeypatch):
    before = there()
    kept = read(lists.MILL, lists.FORGE)

    def broken(employer, fields, **how):
        if employer.name == "North Forge":
            raise Refused("No more.")
        return add_contact(employer, fields, **how)

    monkeypatch.setattr(importing, "add_contact", broken)
    with pytest.raises(Refused, match="No more"):
        done(kept, desk)
    assert (there(), EmployerImport.objects.get().state) == (before, "waiting")


def test_what_changed_since_it_was_shown_is_shown_again(cast, desk, read):
    kept = read(lists.MILL)
    seen = plan_import(kept).digest
    Employer.objects.create(hub=cast.hub, name="Old Mill Bakery Ltd")
    with pytest.raises(Refused, match="changed since"):
        importing.import_list(kept, seen=seen, inviting=False, by=desk, now=NOW)
    done(kept, desk)
    with pytest.raises(CannotMove):
        importing.import_list(EmployerImport.objects.get(), seen=seen, inviting=False, by=desk, now=NOW)


def test_other_hubs_employers_are_nobody_to_be_like(cast, desk, read):
    kept = read(("Fellside Joinery", *[""] * 9))
    assert counts(kept, "new", "undecided") == [1, 0]


def test_only_the_hubs_staff_imports(cast, desk, read):
    kept, ben = read(lists.MILL), actor(cast.ben, cast.hub)
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    acts = (
        lambda: importing.keep_list(cast.hub, lists.text(lists.MILL), file_name="x", by=ben, now=NOW),
        lambda: importing.say_columns(kept, kept.columns, by=ben, now=NOW),
        lambda: importing.choose(kept, {2: "out"}, by=ben, now=NOW),
        lambda: importing.import_list(kept, seen="", inviting=False, by=ben, now=NOW),
        lambda: importing.drop_list(kept, by=ben, now=NOW),
        lambda: importing.keep_list(cast.hub, b"", file_name="x", by=lead, now=NOW),
    )  # fmt: skip
    for act in acts:
        with pytest.raises(CannotAct):
            act()
    assert EmployerImport.objects.get().state == "waiting"


def test_a_list_that_is_over_holds_nobodys_name(desk, read):
    old = read(lists.MILL)
    importing.drop_list(old, by=desk, now=NOW)
    assert (old.state, EmployerImport.objects.get().lines) == ("dropped", [])


def test_a_file_that_is_no_list_is_said_and_not_kept(cast, desk):
    with pytest.raises(Refused, match=r"Save it as \.xlsx") as refusal:
        importing.keep_list(cast.hub, b"\xd0\xcf\x11\xe0", file_name="old.xls", by=desk, now=NOW)
    assert (refusal.value.code, EmployerImport.objects.count()) == ("old_excel", 0)


# ---- Undoing -------------------------------------------------------------------


def test_an_import_is_undone_to_what_was_there(cast, desk, read):
    before = there()
    known = ("Brightwater Engineering", "77", "", "Making and engineering", "", "", "Leeds", "LS1 1AA", "", "")
    kept = done(read(lists.MILL, lists.FORGE, known), desk)
    undone = undo_import(kept, by=desk, now=LATER)
    cast.employer.refresh_from_db()
    assert (there(), cast.employer.number, cast.employer.sectors.count()) == (before, "", 0)
    assert ([one.name for one in undone.goes], kept.state) == (["North Forge", "Old Mill Bakery Ltd"], "undone")
    assert counts(read(lists.MILL), "new") == [1]


def test_figures_counted_every_night_keep_no_import(cast, desk, read):
    before = there()
    kept = done(read(lists.MILL), desk)
    evidence.refresh(cast.hub, now=LATER)
    assert EvidenceFigure.objects.filter(employer__in=kept.outcome["employers"]).exists()
    undone = undo_import(kept, by=desk, now=LATER)
    assert ([one.name for one in undone.goes], there()) == (["Old Mill Bakery Ltd"], before)


def test_every_person_of_one_firm_in_a_line_of_their_own(read):
    people = [(*lists.MILL[:8], name, f"{name}@oldmill.example") for name in ("Ann", "Bo", "Cy", "Di")]
    assert counts(read(*people), "new", "undecided") == [1, 0]


def hang(employer: Employer, desk) -> None:
    kind = scenes.encounter_type(employer.hub)
    fields = {"min_age": 14, "max_age": 18, "created_at": NOW, "updated_at": NOW}
    Opportunity.objects.create(hub=employer.hub, employer=employer, title="A talk", encounter_type=kind, **fields)


@pytest.mark.parametrize(
    ("use", "why"),
    [
        (hang, "opportunities"),
        (lambda one, desk: change_employer(one, {"about": "We bake."}, by=desk, now=LATER), "changed since"),
        (lambda one, desk: add_contact(one, {"name": "Eve"}, by=desk, now=LATER), "contacts"),
        (lambda one, desk: one.notes.create(hub=one.hub, text="Rang.", written_at=LATER), "notes"),
    ],
    ids=["opportunity", "change", "contact", "note"],
)
def test_what_something_hangs_on_stays_and_is_named(desk, read, use, why):
    kept = done(read(lists.MILL, lists.FORGE), desk)
    use(Employer.objects.get(name="North Forge"), desk)
    plan = plan_undo(kept)
    assert [(one.name, words) for one, words in plan.stays] == [("North Forge", why)]
    undo_import(kept, by=desk, now=LATER)
    forge = Employer.objects.get(name="North Forge")
    assert (forge.site_set.count(), Employer.objects.filter(name__startswith="Old Mill").count()) == (1, 0)


def test_facts_somebody_changed_since_stay(cast, desk, read):
    kept = done(read(("Brightwater Engineering", "77", "", "", "brightwater.example", *[""] * 5)), desk)
    cast.employer.refresh_from_db()
    change_employer(cast.employer, {"number": "78"}, by=desk, now=LATER)
    undo_import(kept, by=desk, now=LATER)
    cast.employer.refresh_from_db()
    assert (cast.employer.number, cast.employer.website) == ("78", "")


def test_what_came_into_use_this_moment_is_not_taken_along(desk, read, monkeypatch):
    """Somebody adds an opportunity after the look: the database says so, and nothing goes by cascade."""
    kept = done(read(lists.MILL), desk)
    hang(Employer.objects.get(name="Old Mill Bakery Ltd"), desk)
    monkeypatch.setattr(import_undo, "_hanging", lambda *seen: {})
    with pytest.raises(Refused, match="just added"):
        undo_import(kept, by=desk, now=LATER)
    assert (Opportunity.objects.count(), EmployerImport.objects.get().state) == (1, "imported")


def test_an_undone_import_is_not_undone_twice(desk, read):
    kept = done(read(lists.MILL), desk)
    undo_import(kept, by=desk, now=LATER)
    with pytest.raises(Refused, match="This is undone now"):
        undo_import(kept, by=desk, now=LATER)

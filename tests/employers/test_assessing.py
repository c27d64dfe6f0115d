"""A self-assessment from its beginning to its corrections."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from employers import assessing, framing
from employers.assessing import Said
from employers.models import Answer, EvidenceFigure, FrameworkItem, SelfAssessment, StandardsFramework
from employers.paperwork import add_document, hold_document
from hubs.actors import system
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from placements.worklists_rows import say_assessment
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, said_all, sent

LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def colleague(cast):
    return actor(cast.employer_member, cast.hub, cast.employer)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def row(cast, by):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    return assessing.start(cast.employer, by=by, now=NOW)


def test_without_standards_in_use_nobody_begins(cast, by):
    with pytest.raises(Refused, match="no standards in use"):
        assessing.start(cast.employer, by=by, now=NOW)


def test_beginning_twice_goes_on_with_the_same(cast, row, colleague):
    assert assessing.start(cast.employer, by=colleague, now=LATER) == row
    assert SelfAssessment.objects.count() == 1


def test_who_answered_what_is_kept(cast, row, by, colleague):
    assessing.save_answers(row, [Said("A1.1", 3), Said("A1.2", 1)], by=by, now=NOW)
    assessing.save_answers(row, [Said("A1.2", 2, seen=1)], by=colleague, now=LATER)
    rows = row.answers.order_by("item").values_list("item", "level", "answered_by", "revision")
    assert list(rows) == [("A1.1", 3, cast.employer_lead.pk, 1), ("A1.2", 2, cast.employer_member.pk, 2)]
    entries = LogEntry.objects.filter(verb="answered").order_by("pk").values_list("by", "facts")
    assert [(who, facts["items"]) for who, facts in entries] == [
        (cast.employer_lead.pk, [{"item": "A1.1", "from": None, "to": 3}, {"item": "A1.2", "from": None, "to": 1}]),
        (cast.employer_member.pk, [{"item": "A1.2", "from": 1, "to": 2}]),
    ]


def test_of_two_who_answer_the_same_item_neither_is_overwritten_unseen(row, by, colleague):
    assessing.save_answers(row, [Said("A1.1", 3)], by=by, now=NOW)
    saved = assessing.save_answers(row, [Said("A1.1", 0), Said("A1.2", 1)], by=colleague, now=LATER)
    assert (saved.written, [(one.item, one.level) for one in saved.conflicts]) == (["A1.2"], [("A1.1", 3)])
    again = assessing.save_answers(row, [Said("A1.1", 0, seen=1)], by=colleague, now=LATER)
    assert (again.written, row.answers.get(item="A1.1").level) == (["A1.1"], 0)


def test_saying_the_same_again_changes_nothing(row, by, colleague):
    assessing.save_answers(row, [Said("A1.1", 3)], by=by, now=NOW)
    saved = assessing.save_answers(row, [Said("A1.1", 3)], by=colleague, now=LATER)
    assert (saved.written, saved.conflicts, row.answers.get().revision) == ([], [], 1)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            Said("A1.1", 5),
            "“One named person looks after our work with schools and has the time for it.”: choose one of the answers",
        ),
        (
            Said("A1.1", None),
            "“One named person looks after our work with schools and has the time for it.”: choose one of the answers",
        ),
        (
            Said("A1.4", 2),
            "“Those who run the organisation see once a year what came of it.” is not asked of",
        ),  # of medium and large ones only
        (Said("Z9", 2), "There is no question Z9 here"),
        (
            Said("A1.1", not_applicable=True, reason="  "),
            "“One named person .*”: say in a few words why it does not apply",
        ),
    ],
)
def test_what_cannot_be_an_answer_is_refused_and_nothing_is_written(row, by, said, sentence):
    with pytest.raises(Refused, match=sentence):
        assessing.save_answers(row, [Said("A1.2", 2), said], by=by, now=NOW)
    assert row.answers.count() == 0


def test_an_answer_shows_documents_the_employer_holds_and_no_others(cast, row, by, desk):
    own = add_document(cast.employer, kind="policy", reference="P 1", by=by, now=NOW)
    hold_document(own, by=desk, now=NOW)
    other_by = actor(cast.other_lead, cast.hub, cast.other_employer)
    other = add_document(cast.other_employer, kind="policy", reference="P 2", by=other_by, now=NOW)
    assessing.save_answers(row, [Said("C1.3", 3, documents=(own.pk, other.pk, 10**9))], by=by, now=NOW)
    assert list(row.answers.get().documents.all()) == [own]


def test_sending_scores_keeps_and_tells_the_hub(cast, row, by):
    EvidenceFigure.objects.create(
        hub=cast.hub, employer=cast.employer, code="contact_named", part=0, whole=1,
        since=NOW.date(), until=NOW.date(), counted_at=NOW,
    )  # fmt: skip
    assessing.save_answers(row, said_all(row, 2, A1_1=4), by=by, now=NOW)
    assessing.submit(row, by=by, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.result["standards"]["A1"]["percent"], row.result["standards"]["B1"]["band"]) == (
        "submitted", 66, "steady",
    )  # fmt: skip
    assert row.evidence == {"contact_named": [0, 1, "2026-09-15", "2026-09-15"]}
    assert (assessing.proves(row), len(row.fingerprint), row.submitted_by) == (True, 64, cast.employer_lead)
    assert list(Message.objects.values_list("kind", "address")) == [("assessment-to-review", "desk@harbour.example")]


def test_mail_and_desk_of_the_hub_name_the_standards_in_the_readers_language(cast, row, by):
    assessing.save_answers(row, said_all(row, 2), by=by, now=NOW)
    assessing.submit(row, by=by, now=NOW)
    message = Message.objects.get()
    with translation.override("pt-br"):
        mail = KINDS[message.kind].compose(row, message, NOW)
        waiting = say_assessment(row, cast.hub, NOW)
    assert waiting.title == "Acolher bem"
    assert [fact for _name, fact in mail.facts] == ["Brightwater Engineering", "Acolher bem 2026.2"]


def test_nothing_is_sent_without_a_single_scored_standard(row, by):
    assessing.save_answers(row, [Said("A1.1", 2)], by=by, now=NOW)
    with pytest.raises(Refused, match="No standard has enough answers"):
        assessing.submit(row, by=by, now=NOW)
    row.refresh_from_db()
    assert row.state == "open"


def test_what_was_sent_cannot_be_changed_nor_begun_again(cast, by, colleague):
    row = sent(cast.employer, by)
    with pytest.raises(Refused, match="sent to the hub meanwhile"):
        assessing.save_answers(row, [Said("A1.1", 0, seen=1)], by=colleague, now=LATER)
    with pytest.raises(Refused, match="with the hub"):
        assessing.start(cast.employer, by=by, now=LATER)
    with pytest.raises(Refused, match="Only what the hub has confirmed"):
        assessing.correct(row, by=by, now=LATER)


def test_confirming_tells_the_employer_where_its_next_steps_are(cast, by, desk):
    row = sent(cast.employer, by)
    assessing.confirm(row, "Well done.", by=desk, now=LATER)
    message = Message.objects.get(kind="assessment-confirmed")
    mail = KINDS[message.kind].compose(row, message, LATER)
    assert (message.address, "Well done." in mail.paragraphs) == ("lead@brightwater.example", True)
    assert reverse("employer-results", args=[row.pk]) in mail.action[1]


def test_handing_back_needs_words_keeps_the_answers_and_tells_the_employer(cast, by, desk):
    row = sent(cast.employer, by)
    with pytest.raises(Refused, match="Say what to look at"):
        assessing.hand_back(row, " ", by=desk, now=LATER)
    assessing.hand_back(row, "Insurance?", by=desk, now=LATER)
    row.refresh_from_db()
    assert (row.state, row.comment, row.result, row.answers.count()) == ("open", "Insurance?", {}, 34)
    assert Message.objects.filter(kind="assessment-handed-back").values_list("address").get() == (
        "lead@brightwater.example",
    )  # fmt: skip
    assessing.submit(row, by=by, now=LATER + dt.timedelta(hours=1))
    assert Message.objects.filter(kind="assessment-to-review").count() == 2


def test_a_correction_is_a_new_version_and_the_old_one_stays(cast, by, colleague, desk):
    old = confirmed(cast.employer, by, desk, 2)
    kept = (old.result, old.fingerprint)
    new = assessing.correct(old, by=colleague, now=LATER)
    assert (new.version, new.corrects, new.answers.count()) == (2, old, old.answers.count())
    assert new.answers.get(item="A1.1").answered_by == cast.employer_lead  # still hers until somebody changes it
    assessing.save_answers(new, [Said("A1.1", 4, seen=1)], by=colleague, now=LATER)
    assessing.submit(new, by=colleague, now=LATER)
    old.refresh_from_db()
    assert ((old.result, old.fingerprint), old.answers.get(item="A1.1").level) == (kept, 2)
    assert list(SelfAssessment.objects.standing()) == [new]
    with pytest.raises(Refused, match="begun already"):
        assessing.correct(old, by=by, now=LATER)


def test_an_open_correction_does_not_yet_replace_what_it_corrects(cast, by, desk):
    old = confirmed(cast.employer, by, desk)
    assessing.correct(old, by=by, now=LATER)
    assert list(SelfAssessment.objects.standing()) == [old]


def test_only_the_newest_is_corrected(cast, by, desk):
    """The correction of last year's would be sent last, and so be the newest wherever one is looked for."""
    old = confirmed(cast.employer, by, desk, 1, now=NOW - dt.timedelta(days=365))
    other = actor(cast.other_lead, cast.hub, cast.other_employer)
    confirmed(cast.other_employer, other, desk, 4, now=LATER)  # another employer's is no newer one
    assert assessing.is_newest(old)
    new = confirmed(cast.employer, by, desk, 3)
    with pytest.raises(Refused, match="sent newer answers since"):
        assessing.correct(old, by=by, now=LATER)
    copy = assessing.correct(new, by=by, now=LATER)
    assert assessing.is_newest(new)  # nothing of the correction was sent yet
    assessing.submit(copy, by=by, now=LATER)
    assert list(SelfAssessment.objects.standing().filter(employer=cast.employer).newest_first()) == [copy, old]


def test_last_time_is_the_one_before_and_not_the_one_corrected(cast, by, desk):
    year = dt.timedelta(days=365)
    first = confirmed(cast.employer, by, desk, 1, now=NOW - year)
    second = confirmed(cast.employer, by, desk, 2)
    correction = assessing.correct(second, by=by, now=LATER)
    assert [assessing.before(one) for one in (first, second, correction)] == [None, first, first]


def test_old_assessments_keep_their_numbers_when_the_framework_changes(cast, by, desk):
    old = confirmed(cast.employer, by, desk, 3, A1_1=0)
    kept = old.result
    new = framing.new_version(old.framework, "2027.1", by=desk, now=LATER)
    FrameworkItem.objects.filter(standard__framework=new).update(weight=50)
    FrameworkItem.objects.filter(standard__framework=old.framework).update(weight=70, statement="Other")
    StandardsFramework.objects.filter(pk=old.framework_id).update(bands=[], scale=[])
    framing.publish_framework(new, by=desk, now=LATER)
    old = SelfAssessment.objects.select_related("framework").get(pk=old.pk)
    assert (assessing.result_of(old)[0], assessing.proves(old)) == (kept, True)


def test_a_row_changed_outside_the_product_no_longer_proves_itself(cast, by):
    row = sent(cast.employer, by)
    Answer.objects.filter(assessment=row, item="A1.1").update(level=4)
    assert not assessing.proves(row)


def test_strangers_and_viewers_do_nothing(cast, row, desk):
    for person, organisation in ((cast.other_lead, cast.other_employer), (cast.ben, cast.employer)):
        stranger = actor(person, cast.hub, organisation)
        with pytest.raises(CannotAct):
            assessing.save_answers(row, [Said("A1.1", 2)], by=stranger, now=NOW)
        with pytest.raises(CannotAct):
            assessing.submit(row, by=stranger, now=NOW)
    with pytest.raises(CannotMove):
        assessing.confirm(row, by=desk, now=NOW)


def test_only_the_hub_confirms(cast, by):
    row = sent(cast.employer, by)
    for verb in (assessing.confirm, assessing.finalise):
        with pytest.raises((CannotAct, CannotMove)):
            verb(row, by=by, now=LATER)


def test_the_hub_may_answer_on_behalf(cast, row):
    for_them = actor(cast.amina, cast.hub, cast.employer)
    assessing.save_answers(row, [Said("A1.1", 2)], by=for_them, now=NOW)
    entry = LogEntry.objects.get(verb="answered")
    assert (entry.by, entry.on_behalf_of) == (cast.amina, cast.employer.organisation_ptr)

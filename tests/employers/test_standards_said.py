"""What somebody typed on a page of questions is kept, asked about, or said to be in the way."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from employers import assessing, framing
from employers.models import EvidenceFigure
from employers.paperwork import add_document, hold_document
from hubs.actors import system
from hubs.errors import Refused
from insights.standards import curves
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, said_all, sent
from tests.employers.test_standards_pages import filled


@pytest.fixture
def page(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    framing.load_framework(cast.hub, by=system(), now=NOW)
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


def test_documents_without_an_answer_are_asked_about_and_stay_ticked(page, cast, by, desk):
    paper = add_document(cast.employer, kind="policy", reference="P 1", by=by, now=NOW)
    hold_document(paper, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "C1"])
    shown = page.post(url, filled(page, url, C1_1="2") | {"papers-C1.3": [str(paper.pk)]})
    assert (shown.status_code, row.answers.count()) == (200, 0)
    assert shown.context["form"].errors == {
        "level-C1.3": ["Choose an answer as well: without one nothing of it is kept."]
    }
    assert shown.context["form"]["papers-C1.3"].value() == [str(paper.pk)]


def test_what_cannot_be_saved_stays_on_the_page_with_the_reason(page, cast, by, monkeypatch):
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])

    def refuse(*args, **kwargs):
        raise Refused("Not now.")

    data = filled(page, url, A1_1="2")
    monkeypatch.setattr(assessing, "save_answers", refuse)
    shown = page.post(url, data)
    assert (shown.status_code, "Not now." in shown.content.decode()) == (200, True)
    assert shown.context["form"]["level-A1.1"].value() == "2"


def test_last_time_is_said_in_the_words_it_was_answered_in(page, cast, by, desk):
    old = confirmed(cast.employer, by, desk, 4, now=NOW - dt.timedelta(days=365))
    new = framing.new_version(old.framework, "2027.1", by=desk, now=NOW)
    new.scale = [{**one, "label": f"Another {one['level']}"} for one in new.scale]
    new.save()
    framing.publish_framework(new, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    shown = page.get(reverse("employer-questions", args=[row.pk, "A1"]))
    assert row.framework == new
    assert shown.context["lines"][0]["last"] == "Last time, 2025: Always, and we check it every year"


OWNER = "One named person looks after our work with schools and has the time for it."


def test_what_is_to_mend_is_named_by_its_question_and_not_by_a_code(page, cast, by, desk):
    paper = add_document(cast.employer, kind="policy", reference="P 1", by=by, now=NOW)
    hold_document(paper, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])
    text = page.post(url, filled(page, url, A1_1="na")).content.decode()
    summary = re.search(r'<div class="summary".*?</div>', text, re.DOTALL)[0]
    assert f"{OWNER} Say in a few words why it does not apply to you." in summary
    seen = re.sub(r"<[^>]+>", " ", text)
    assert re.findall(r"\bA1\.\d\b", seen) == []  # neither there nor for those who listen to the page


def test_before_it_is_sent_it_is_said_what_will_count(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    type(row.framework).objects.filter(pk=row.framework_id).update(
        sealed=row.framework.sealed.replace('"enough_percent": 60', '"enough_percent": 40')
    )
    row = type(row).objects.get(pk=row.pk)
    every = said_all(row, 3)
    assessing.save_answers(row, [one for one in every if one.item in ("A1.1", "A1.2", "A2.1")], by=by, now=NOW)
    shown = page.get(reverse("employer-assessment-send", args=[row.pk]))
    counts = {one["standard"].code: one["counts"] for one in shown.context["missing"]}
    assert (counts["A1"], counts["A2"], counts["C3"]) == (True, False, False)
    text = " ".join(shown.content.decode().split())
    assert "A standard counts once 40 % of the questions that apply to you are answered." in text
    assert (text.count("does not count yet"), "Send to the hub" in text) == (len(counts) - 1, True)


def test_what_cannot_be_sent_yet_offers_the_questions_and_no_button_to_send(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    assessing.save_answers(row, [assessing.Said("A1.1", 3)], by=by, now=NOW)
    text = page.get(reverse("employer-assessment-send", args=[row.pk])).content.decode()
    assert ("It cannot be sent yet" in text, "Send to the hub" in text) == (True, False)


def test_what_was_begun_says_how_far_it_is(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    assessing.save_answers(row, [assessing.Said("A1.1", 3), assessing.Said("A1.2", 3)], by=by, now=NOW)
    assert "2 of 34 questions answered" in page.get(reverse("employer-standards")).content.decode()


def test_two_results_of_one_month_are_told_apart_by_their_day(page, cast, by, desk):
    confirmed(cast.employer, by, desk, now=NOW - dt.timedelta(days=5))
    confirmed(cast.employer, by, desk)
    text = page.get(reverse("employer-standards")).content.decode()
    assert re.findall(r">(\d+ September 2026)<", text) == ["15 September 2026", "10 September 2026"]


def test_a_correction_that_was_begun_is_gone_on_with_from_the_result(page, cast, by, desk):
    old = confirmed(cast.employer, by, desk)
    new = assessing.correct(old, by=by, now=NOW)
    text = page.get(reverse("employer-results", args=[old.pk])).content.decode()
    there = [words in text for words in ("Go on with the correction", "Correct it by a new version")]
    assert (there, reverse("employer-assessment", args=[new.pk]) in text) == ([True, False], True)


def test_where_answers_and_record_differ_stands_first_and_is_explained_once(page, cast, by):
    for code in ("contact_named", "plan_of_year"):
        EvidenceFigure.objects.create(
            hub=cast.hub, employer=cast.employer, code=code, part=0, whole=1, since=NOW.date(), until=NOW.date(),
            counted_at=NOW,
        )  # fmt: skip
    row = sent(cast.employer, by, 4)
    shown = page.get(reverse("employer-results", args=[row.pk]))
    assert [one["item"].code for one in shown.context["differing"]] == ["A1.1", "A1.2"]
    text = " ".join(shown.content.decode().split())
    first, rest = text.split("All answers")
    assert "2 answers and the record differ" in first
    assert (first.count("the answer says more than the record"), rest.count("<details")) == (2, 9)
    assert (text.count("not recorded yet"), '<details class="fold" open' in rest) == (1, False)


def test_what_the_bars_show_can_be_read_in_a_table(page, cast, by, desk):
    confirmed(cast.employer, by, desk, 1, now=NOW - dt.timedelta(days=365))
    row = assessing.start(cast.employer, by=by, now=NOW)
    given = [one for one in said_all(row, 3) if one.item not in ("C3.1", "C3.2", "C3.3", "C3.4", "A1.1")]
    assessing.save_answers(row, given, by=by, now=NOW)
    assessing.submit(row, by=by, now=NOW)
    shown = page.get(reverse("employer-results", args=[row.pk])).content.decode()
    table = shown[shown.index("The same as a table") : shown.index('id="answers"')]
    rows = [re.sub(r"\s+", " ", " | ".join(re.findall(r">([^<>]+)</t[hd]>", one))) for one in table.split("<tr ")[2:]]
    assert (len(rows), rows[0]) == (9, "An owner and a plan | 75 % | Established | 2 of 3 | 50")
    assert rows[8] == "Looking back, moving on | – | not enough answers | 0 of 3 | –"


@pytest.mark.parametrize(
    ("percents", "lines"),
    [
        ([0, 50, 100], ["3,29 48,16 93,3"]),
        ([100, None, 0], []),
        ([0, 0, None, 100, 100], ["3,29 25,29", "70,3 93,3"]),
        ([40], []),
    ],
)
def test_the_line_through_the_years_breaks_off_where_there_was_no_score(percents, lines):
    assert curves(percents) == lines

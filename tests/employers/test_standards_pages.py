"""The employer's pages of the standards, as somebody on a phone without scripts uses them."""

from __future__ import annotations

import datetime as dt
import html
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from employers import assessing, framing, rounds
from employers.frameworks import originals
from employers.models import SelfAssessment
from employers.paperwork import add_document, hold_document, withdraw_document
from hubs.actors import system
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate, PlanStep, TemplateStep
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, said_all, sent
from tests.spoken import unmarked

CODES = [f"{pillar}{n}" for pillar in "ABC" for n in (1, 2, 3)]
#: Statements of a page, whatever the number of rows.
HOME, OVERVIEW, QUESTIONS, RESULTS = 10, 6, 11, 16


@pytest.fixture(autouse=True)
def _at_now(monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


@pytest.fixture
def page(client, cast):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


def filled(page, url: str, **levels: str) -> dict:
    """The fields of the page's form as a browser sends them, with these levels chosen."""
    context = page.get(url).context
    data = {}
    for line in context["lines"]:
        code = line["item"].code
        data[f"seen-{code}"], data[f"was-{code}"] = line["seen"], line["was"]
        data[f"level-{code}"] = line["level"].value() or ""
        data[f"reason-{code}"] = line["reason"].value() or ""
        data[f"papers-{code}"] = line["papers"].value() or []
    return data | {f"level-{code.replace('_', '.')}": level for code, level in levels.items()}


def test_from_the_invitation_to_the_result_page_by_page(page, cast):
    assert "Begin" in page.get(reverse("employer-standards")).content.decode()
    started = page.post(reverse("employer-standards-start"))
    row = SelfAssessment.objects.get()
    assert started.url == reverse("employer-assessment", args=[row.pk])
    url, pages = page.get(started.url).context["next"]["standard"].code, 0
    url = reverse("employer-questions", args=[row.pk, url])
    while "questions" in url:
        codes = [line["item"].code for line in page.get(url).context["lines"]]
        answer = page.post(url, filled(page, url, **{code.replace(".", "_"): "3" for code in codes}))
        assert answer.status_code == 302
        url, pages = answer.url, pages + 1
    assert (pages, url, row.answers.count()) == (9, reverse("employer-assessment", args=[row.pk]), 34)
    assert page.get(reverse("employer-assessment-send", args=[row.pk])).context["missing"] == []
    sent_to = page.post(reverse("employer-assessment-send", args=[row.pk]))
    shown = page.get(sent_to.url)
    assert (shown.status_code, "75 %" in shown.content.decode()) == (200, True)


def test_saving_and_stopping_leads_back_and_keeps_what_was_typed(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])
    answer = page.post(url, filled(page, url, A1_2="2") | {"later": "1"})
    assert (answer.url, list(row.answers.values_list("item", "level"))) == (
        reverse("employer-assessment", args=[row.pk]), [("A1.2", 2)],
    )  # fmt: skip


def test_what_does_not_apply_needs_a_reason_and_keeps_the_rest_typed(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])
    answer = page.post(url, filled(page, url, A1_1="na", A1_2="3"))
    text = answer.content.decode()
    assert (answer.status_code, "Say in a few words why it does not apply" in text, row.answers.count()) == (
        200,
        True,
        0,
    )
    assert answer.context["form"]["level-A1.2"].value() == "3"
    page.post(url, filled(page, url, A1_1="na", A1_2="3") | {"reason-A1.1": "A family firm."})
    assert list(row.answers.order_by("item").values_list("item", "level", "reason")) == [
        ("A1.1", None, "A family firm."), ("A1.2", 3, ""),
    ]  # fmt: skip


def test_two_people_on_one_page_lose_nothing(page, cast, by):
    """Both open the page; she answers one item, he another and the same one differently."""
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])
    his_form = filled(page, url)
    page.post(url, filled(page, url, A1_1="4"))
    page.force_login(cast.employer_member)
    answer = page.post(url, his_form | {"level-A1.1": "1", "level-A1.2": "2"})
    text = answer.content.decode()
    assert (answer.status_code, "Lead Brightwater answered this a moment ago" in text) == (200, True)
    assert dict(row.answers.values_list("item", "level")) == {"A1.1": 4, "A1.2": 2}
    lines = {line["item"].code: line for line in answer.context["lines"]}
    again = page.post(url, {
        "level-A1.1": "1", "seen-A1.1": lines["A1.1"]["seen"], "was-A1.1": lines["A1.1"]["was"],
    })  # fmt: skip
    assert (again.status_code, row.answers.get(item="A1.1").level) == (302, 1)


def test_untouched_answers_of_a_stale_page_do_not_undo_a_colleagues(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])
    page.post(url, filled(page, url, A1_1="1"))
    stale = filled(page, url)
    page.post(url, filled(page, url, A1_1="4"))
    assert page.post(url, stale | {"level-A1.2": "3"}).status_code == 302
    assert dict(row.answers.values_list("item", "level")) == {"A1.1": 4, "A1.2": 3}


def test_last_time_is_shown_and_not_filled_in(page, cast, by, desk):
    confirmed(cast.employer, by, desk, 4, now=NOW - dt.timedelta(days=365))
    row = assessing.start(cast.employer, by=by, now=NOW)
    shown = page.get(reverse("employer-questions", args=[row.pk, "A1"]))
    first = shown.context["lines"][0]
    assert (first["last"], first["level"].value()) == ("Last time, 2025: Always, and we check it every year", "")


def test_documents_held_are_offered_as_evidence(page, cast, by, desk):
    paper = add_document(cast.employer, kind="policy", reference="P 1", by=by, now=NOW)
    hold_document(paper, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "C1"])
    page.post(url, filled(page, url, C1_3="3") | {"papers-C1.3": [str(paper.pk)]})
    assert list(row.answers.get().documents.all()) == [paper]


def test_an_answer_nobody_touched_keeps_who_gave_it_once_its_document_is_withdrawn(page, cast, by, desk):
    paper = add_document(cast.employer, kind="policy", reference="P 1", by=by, now=NOW)
    hold_document(paper, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    said = assessing.Said(item="C1.3", level=3, documents=(paper.pk,), seen=0)
    assessing.save_answers(row, [said], by=actor(cast.employer_member, cast.hub, cast.employer), now=NOW)
    withdraw_document(paper, by=desk, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "C1"])
    page.post(url, filled(page, url, C1_1="2"))
    answers = {one.item: one for one in row.answers.all()}
    assert {code: one.answered_by for code, one in answers.items()} == {
        "C1.1": cast.employer_lead, "C1.3": cast.employer_member,
    }  # fmt: skip
    assert (answers["C1.3"].revision, list(answers["C1.3"].documents.all())) == (1, [paper])


def test_what_was_sent_is_shown_and_not_asked(page, cast, by):
    row = sent(cast.employer, by)
    result = reverse("employer-results", args=[row.pk])
    for name, args in (("employer-assessment", [row.pk]), ("employer-questions", [row.pk, "A1"]),
                       ("employer-assessment-send", [row.pk])):  # fmt: skip
        assert page.get(reverse(name, args=args)).url == result
    assert page.get(reverse("employer-questions", args=[row.pk, "A1"])).status_code == 302


def test_a_standard_that_is_not_there_is_not_found(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    assert page.get(reverse("employer-questions", args=[row.pk, "Z1"])).status_code == 404


def test_handed_back_the_comment_stands_above(page, cast, by, desk):
    row = sent(cast.employer, by)
    assessing.hand_back(row, "Which insurance do you mean?", by=desk, now=NOW)
    for name, args in (("employer-standards", []), ("employer-assessment", [row.pk])):
        assert "Which insurance do you mean?" in page.get(reverse(name, args=args)).content.decode()


def test_correcting_leads_to_a_new_version(page, cast, by, desk):
    old = confirmed(cast.employer, by, desk)
    answer = page.post(reverse("employer-assessment-correct", args=[old.pk]))
    new = SelfAssessment.objects.get(corrects=old)
    assert answer.url == reverse("employer-assessment", args=[new.pk])


def adopted(cast, by):
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A first year", state="published")
    TemplateStep.objects.create(template=template, title="Begin")
    return plans.adopt(template, cast.employer, by=by, now=NOW)


def test_a_next_step_goes_on_the_plan_once_in_one_click(page, cast, by):
    plan = adopted(cast, by)
    row = sent(cast.employer, by, 2, A1_1=0)
    first = page.get(reverse("employer-results", args=[row.pk])).context["steps"][0]
    data = {"standard": first["standard"].code, "number": first["number"]}
    for _twice in range(2):
        page.post(reverse("employer-results-step", args=[row.pk]), data)
    step = PlanStep.objects.get(plan=plan, standard__startswith="good-hosting:")
    assert (step.title, step.guidance, step.due_on) == (first["step"].title, first["step"].text, dt.date(2026, 10, 27))
    steps = page.get(reverse("employer-results", args=[row.pk])).context["steps"]
    assert [one["planned"] for one in steps] == [True, False, False]


def test_a_step_of_a_plan_that_is_over_can_go_on_the_plan_of_now(page, cast, by):
    old = adopted(cast, by)
    row = sent(cast.employer, by, 2, A1_1=0)
    url = reverse("employer-results", args=[row.pk])
    first = page.get(url).context["steps"][0]
    data = {"standard": first["standard"].code, "number": first["number"]}
    page.post(reverse("employer-results-step", args=[row.pk]), data)
    for step in old.steps.all():
        plans.complete_step(step, by=by, now=NOW)
    plans.complete_plan(old, by=by, now=NOW)
    assert [one["planned"] for one in page.get(url).context["steps"]] == [False, False, False]
    next_year = old.year_starts_on + dt.timedelta(days=370)
    new = plans.adopt(old.template, cast.employer, year_starts_on=next_year, by=by, now=NOW)
    assert [one["planned"] for one in page.get(url).context["steps"]] == [False, False, False]
    page.post(reverse("employer-results-step", args=[row.pk]), data)
    assert PlanStep.objects.filter(plan=new, standard__startswith="good-hosting:").count() == 1
    assert [one["planned"] for one in page.get(url).context["steps"]] == [True, False, False]


def test_only_the_newest_result_offers_to_be_corrected(page, cast, by, desk):
    old = confirmed(cast.employer, by, desk, 1, now=NOW - dt.timedelta(days=365))
    new = confirmed(cast.employer, by, desk)
    pages = [page.get(reverse("employer-results", args=[row.pk])).content.decode() for row in (old, new)]
    assert ["Correct it by a new version" in shown for shown in pages] == [False, True]


def test_without_a_plan_the_click_leads_to_choosing_one(page, cast, by):
    row = sent(cast.employer, by)
    answer = page.post(reverse("employer-results-step", args=[row.pk]), {"standard": "A1", "number": "0"})
    assert answer.url == reverse("employer-plan") + "?choose=1"


@pytest.mark.parametrize("data", [{}, {"standard": "Z", "number": "0"}, {"standard": "A1", "number": "99"}])
def test_a_step_nobody_recommended_is_not_found(page, cast, by, data):
    row = sent(cast.employer, by)
    assert page.post(reverse("employer-results-step", args=[row.pk]), data).status_code == 404


@pytest.mark.parametrize("years", [1, 3])
def test_pages_take_the_same_statements_however_much_there_is(page, cast, by, desk, years):
    adopted(cast, by)
    for ago in range(years, 0, -1):
        old = confirmed(cast.employer, by, desk, 1, now=NOW - ago * dt.timedelta(days=365))
    row = assessing.start(cast.employer, by=by, now=NOW)
    wanted = {
        reverse("employer-standards"): HOME,
        reverse("employer-assessment", args=[row.pk]): OVERVIEW,
        reverse("employer-questions", args=[row.pk, "B1"]): QUESTIONS,
        reverse("employer-results", args=[old.pk]): RESULTS,
    }
    counts = {}
    for url in wanted:
        page.get(url)
        with CaptureQueriesContext(connection) as found:
            assert page.get(url).status_code == 200
        counts[url] = len(found)
    assert counts == wanted


def test_a_result_says_how_many_standards_do_not_count_yet_and_what_that_means(page, cast, by):
    row = assessing.start(cast.employer, by=by, now=NOW)
    every = said_all(row, 3)
    assessing.save_answers(row, [one for one in every if one.item[0] != "C"], by=by, now=NOW)
    assessing.submit(row, by=by, now=NOW)
    says = "standards have too few answers to count. Once they count, the figures above can go down as well as up."
    shown = page.get(reverse("employer-results", args=[row.pk])).content.decode()
    assert (f"3 {says}" in shown, "Sent Tue 15 September by Lead Brightwater" in shown) == (True, True)
    SelfAssessment.objects.filter(pk=row.pk).delete()
    shown = page.get(reverse("employer-results", args=[sent(cast.employer, by).pk])).content.decode()
    assert (says in shown, "never lowers a score" in shown) == (False, True)


def test_results_of_one_year_are_told_apart_by_their_day(page, cast, by, desk):
    def columns(row) -> list[str]:
        return [one["when"] for one in page.get(reverse("employer-results", args=[row.pk])).context["trend"]["columns"]]

    confirmed(cast.employer, by, desk, 1, now=NOW - dt.timedelta(days=365))
    assert columns(confirmed(cast.employer, by, desk, 1, now=NOW - dt.timedelta(days=40))) == ["2025", "2026"]
    assert columns(confirmed(cast.employer, by, desk, 2)) == ["15 Sep 2025", "6 Aug 2026", "15 Sep 2026"]


@pytest.mark.parametrize("language", ["en-gb", "de", "fr", "es", "pt-br"])
def test_the_result_prints_as_one_page_and_words_are_never_markup(page, cast, by, language):
    type(cast.employer_lead).objects.filter(pk=cast.employer_lead.pk).update(language=language)
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(name='#panic("x") *Brightwater* $1 <a>')
    row = sent(cast.employer, by)
    answer = page.get(reverse("employer-results-summary", args=[row.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    printed = PdfReader(io.BytesIO(answer.content))
    text = " ".join(printed.pages[0].extract_text().split())
    framework = framing.document_of(row.framework, language)
    assert (len(printed.pages), '#panic("x") *Brightwater* $1 <a>' in text) == (1, True)
    # Long names are broken at the end of a line, so what is looked for has no room to break in.
    words = [one.name.split()[0] for one in framework.standards()]
    assert [one for one in words if one not in text] == []
    # Three pillars, nine standards; and where the band in the middle begins, which is a sentence of its own.
    assert (text.count("50 % · ") - 1, row.fingerprint in text) == (12, True)
    assert str(framework) in text
    assert printed.trailer["/Root"]["/Lang"] == framework.language[:2]


def test_somebody_who_reads_french_reads_the_standards_in_french_on_every_page(page, cast, by, desk):
    type(cast.employer_lead).objects.filter(pk=cast.employer_lead.pk).update(language="fr")
    old = confirmed(cast.employer, by, desk, 1)
    row = assessing.start(cast.employer, by=by, now=NOW)
    SelfAssessment.objects.filter(pk=row.pk).update(comment="Lequel ?")  # so that the home asks to go on
    wanted = [
        (reverse("employer-standards"), "framework.name"),
        (reverse("employer-assessment", args=[row.pk]), "standard.A1.name"),
        *((reverse("employer-questions", args=[row.pk, code]), f"item.{code}.1.statement") for code in CODES),
        (reverse("employer-assessment-send", args=[row.pk]), "standard.C3.name"),
        (reverse("employer-results", args=[old.pk]), "item.C3.1.statement"),
        (reverse("employer-badge", args=[old.pk]), "framework.name"),
        (reverse("home"), "framework.name"),
    ]
    framework = framing.document_of(row.framework)
    # Shorter ones are words of other sentences too: "Not yet" is a button.
    english = {text for text in originals(framework).values() if len(text) >= 12}
    for url, place in wanted:
        shown = html.unescape(page.get(url).content.decode())
        assert (framework.texts["fr"][place] in shown, [text for text in english if text in shown]) == (True, []), url
        # Read aloud as what it is: an English page with French in it.
        assert ('<html lang="en-gb"' in shown, unmarked(shown, framework.texts["fr"].values())) == (True, []), url
    row.delete()
    begin = html.unescape(page.get(reverse("employer-standards")).content.decode())
    assert framework.texts["fr"]["framework.about"] in begin


def asked_by(framework, desk) -> None:
    """A round by these standards, open for a month."""
    today = framework.hub.today(NOW)
    fields = {
        "framework": framework, "name": "Autumn 2026", "opens_on": today, "closes_on": today + dt.timedelta(days=30),
        "sectors": [],
    }  # fmt: skip
    rounds.open_round(rounds.plan_round(framework.hub, fields, by=desk, now=NOW), by=desk, now=NOW)


@pytest.mark.parametrize("left", ["open", "submitted"])
def test_a_round_by_newer_standards_can_be_begun_beside_what_is_left_of_older_ones(page, cast, by, desk, left):
    old = sent(cast.employer, by)
    if left == "open":
        assessing.hand_back(old, "Look again.", by=desk, now=NOW)
    newer = framing.new_version(old.framework, "2027.1", by=desk, now=NOW)
    framing.publish_framework(newer, by=desk, now=NOW)
    asked_by(newer, desk)
    shown = page.get(reverse("employer-standards"))
    assert (shown.context["open"], shown.context["waiting"], "Begin" in shown.content.decode()) == (None, None, True)
    page.post(reverse("employer-standards-start"))
    row = SelfAssessment.objects.get(framework=newer)
    assert page.get(reverse("employer-standards")).context["open"] == row


def test_a_round_that_was_answered_is_not_asked_for_again(page, cast, by, desk):
    asked_by(assessing.current_framework(cast.employer), desk)
    asks = "The hub asks you to answer until"
    assert asks in page.get(reverse("employer-standards")).content.decode()
    confirmed(cast.employer, by, desk)
    shown = page.get(reverse("employer-standards")).content.decode()
    assert (asks in shown, "Autumn 2026" in shown, "Begin" in shown) == (False, False, True)


def test_a_member_of_another_employer_finds_nothing(client, cast, by):
    row = sent(cast.employer, by)
    client.force_login(cast.other_lead)
    names = ("employer-assessment", "employer-results", "employer-assessment-send")
    assert [client.get(reverse(name, args=[row.pk])).status_code for name in names] == [404, 404, 404]

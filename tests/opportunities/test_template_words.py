"""More guidance than a sentence, and a template's words in another language."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from wagtail.documents import get_document_model

from cms.domain import open_site
from hubs import languages
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from opportunities import translating
from opportunities.domain import plans, templates
from opportunities.models import ActionPlanTemplate, Opportunity, PlanStep, TemplateStep
from placements.needs_employer import employer_needs
from tests import scenes
from tests.cast import NOW
from tests.opportunities.making import lead, staff


@pytest.fixture
def template(cast):
    row = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", about="For you", state="published")
    TemplateStep.objects.create(template=row, sort_order=0, title="Call us", week=10, guidance="Any day will do.")
    TemplateStep.objects.create(template=row, sort_order=1, title="Come", week=12, details="<p>By <b>bus</b>.</p>")
    return row


def german(template) -> dict[str, str]:
    """Everything of it."""
    return {at: f"de {words}" for at, words in translating.originals(template).items() if words}


def fields(*steps: TemplateStep, **more) -> dict:
    data = {
        "name": "A year", "about": "For you", "language": "en-gb", "steps-TOTAL_FORMS": str(len(steps)),
        "steps-INITIAL_FORMS": str(len(steps)), "steps-MIN_NUM_FORMS": "0", "steps-MAX_NUM_FORMS": "1000",
    }  # fmt: skip
    for number, step in enumerate(steps):
        given = {"id": step.pk, "title": step.title, "week": step.week, "guidance": step.guidance, "details": "null"}
        given |= {"staff_hours": "1", "places": "0", "ORDER": number + 1}
        data |= {f"steps-{number}-{name}": value for name, value in given.items()}
    return data | more


@pytest.fixture
def desk(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


# ---- More guidance -----------------------------------------------------------------


def document(hub):
    open_site(hub, by=system(), now=NOW)
    made = get_document_model()(title=f"A form of {hub.name}", collection=hub.collection)
    made.file.save("form.pdf", ContentFile(b"%PDF-1.4"))
    return made


@pytest.mark.slow
def test_a_step_takes_a_file_of_its_hub_and_a_video_by_https(desk, cast, template):
    draft = templates.new_version(template, by=staff(cast), now=NOW)
    steps = list(draft.steps.order_by("sort_order"))
    edit = reverse("templates:edit", args=[draft.pk])
    theirs, ours = document(cast.hub_b), document(cast.hub)
    for bad in (
        {"steps-0-video": "http://video.example/1"}, {"steps-0-video": "javascript:alert(1)"},
        {"steps-0-file": theirs.pk},
    ):  # fmt: skip
        assert desk.post(edit, fields(*steps, **bad)).status_code == 200
    good = {"steps-0-video": "https://www.video.example/1", "steps-0-file": ours.pk}
    assert desk.post(edit, fields(*steps, **good)).status_code == 302
    steps[0].refresh_from_db()
    assert (steps[0].file, steps[0].video) == (ours, "https://www.video.example/1")
    shown = desk.get(reverse("templates:preview", args=[draft.pk])).content.decode()
    assert [words for words in (ours.url, "Video at video.example", 'rel="noopener') if words not in shown] == []


def test_what_is_more_than_a_sentence_is_read_where_the_step_is(client, cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    client.force_login(cast.employer_lead)
    come = plan.steps.get(title="Come")
    for url in (reverse("employer-plan-step", args=[come.pk]), reverse("employer-plan-template", args=[template.pk])):
        assert "<p>By <b>bus</b>.</p>" in client.get(url).content.decode()


def test_a_new_version_takes_all_of_it_along(cast, template):
    first = template.steps.first()
    TemplateStep.objects.filter(pk=first.pk).update(video="https://video.example/1", file=document(cast.hub))
    translating.translate(template, "de", german(template), by=staff(cast), now=NOW)
    newer = templates.new_version(template, by=staff(cast), now=NOW)
    old, new = ([(s.details, s.file, s.video) for s in one.steps.order_by("sort_order")] for one in (template, newer))
    assert (new, newer.texts) == (old, template.texts)


# ---- Another language --------------------------------------------------------------


def test_a_template_is_read_in_another_language_once_all_of_it_is_there(client, cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    call = plan.steps.get(title="Call us")
    cast.employer_lead.language = "de"
    cast.employer_lead.save(update_fields=["language"])
    client.force_login(cast.employer_lead)
    pages = [
        reverse("employer-plan"), reverse("employer-plan-step", args=[call.pk]),
        reverse("employer-plan-template", args=[template.pk]), f"{reverse('employer-plan')}?choose=1",
    ]  # fmt: skip
    whole = german(template)
    part = dict(list(whole.items())[:-1])
    translating.translate(template, "de", part, by=staff(cast), now=NOW)
    assert ["de A year" in client.get(url).content.decode() for url in pages] == [False] * 4
    translating.translate(template, "de", whole, by=staff(cast), now=NOW)
    shown = [client.get(url).content.decode() for url in pages]
    assert [words in page for words, page in zip(
        ('<span lang="de">de A year</span>', '<span lang="de">de Call us</span>', '<h2 lang="de">de Come</h2>',
         '<p lang="de">de For you</p>'), shown, strict=True,
    )] == [True] * 4  # fmt: skip
    assert "de Any day will do." in shown[1]
    assert PlanStep.objects.get(pk=call.pk).title == "Call us"


def test_a_step_in_the_employers_own_words_stays_in_them(cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    translating.translate(template, "de", german(template), by=staff(cast), now=NOW)
    PlanStep.objects.filter(title="Come").update(title="Come by boat")
    steps = list(plan.steps.select_related("template_step").order_by("position"))
    translating.speak_plan(plan.template, steps, "fr")
    assert [(one.title, one.language) for one in steps] == [("Call us", "en-gb"), ("Come by boat", "")]
    translating.speak_plan(plan.template, steps, "de-ch")
    assert [(one.title, one.language) for one in steps] == [("de Call us", "de"), ("Come by boat", "")]


def test_who_may_translate_what(cast, template):
    texts = german(template)
    with pytest.raises(CannotAct):
        translating.translate(template, "de", texts, by=lead(cast), now=NOW)
    with pytest.raises(Refused, match="changed the original"):
        translating.translate(template, "de", {"nowhere": "x"}, by=staff(cast), now=NOW)
    with pytest.raises(Refused, match="longer than 8000"):
        translating.translate(template, "de", {"about": "x" * 8001}, by=staff(cast), now=NOW)
    templates.retire_template(template, by=staff(cast), now=NOW)
    with pytest.raises(Refused, match="retired"):
        translating.translate(template, "de", texts, by=staff(cast), now=NOW)
    assert not LogEntry.objects.filter(verb="translated").exists()


def test_a_translation_goes_with_the_words_it_translates(desk, cast, template):
    draft = templates.new_version(template, by=staff(cast), now=NOW)
    translating.translate(draft, "de", german(draft), by=staff(cast), now=NOW)
    call, come = draft.steps.order_by("sort_order")
    call.title = "Write to us"
    assert desk.post(reverse("templates:edit", args=[draft.pk]), fields(call, come)).status_code == 302
    draft.refresh_from_db()
    kept = draft.texts["de"]
    assert (kept[f"{come.key}.title"], f"{call.key}.title" in kept) == ("de Come", False)
    assert f"{come.key}.details" not in kept  # the form had none, so nothing is left to translate


def test_a_part_is_translated_on_its_page(desk, cast, template):
    page = f"{reverse('templates:translate', args=[template.pk])}?language=de"
    shown = desk.get(page).content.decode()
    assert [words for words in ("A year", "For you", "0 of 2") if words not in shown] == []
    answer = desk.post(page, {"name": "Ein Jahr", "initial-name": "", "about": "", "initial-about": ""})
    template.refresh_from_db()
    assert (answer.status_code, template.texts) == (302, {"de": {"name": "Ein Jahr"}})
    come = template.steps.get(title="Come")
    assert "By bus." in desk.get(f"{page}&part={come.key}").content.decode()
    templates.retire_template(template, by=staff(cast), now=NOW)
    assert "This version is retired" in desk.get(page).content.decode()


# ---- Wherever a step of a plan is named ---------------------------------------------


def reads_german(user) -> None:
    user.language = "de"
    user.save(update_fields=["language"])


def test_a_newer_version_is_compared_in_the_readers_language(client, cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    draft = templates.new_version(template, by=staff(cast), now=NOW)
    draft.steps.filter(title="Come").update(title="Visit us")
    TemplateStep.objects.create(template=draft, sort_order=2, title="Look back", week=20)
    draft = ActionPlanTemplate.objects.get(pk=draft.pk)
    for one in (template, draft):
        translating.translate(one, "de", german(one), by=staff(cast), now=NOW)
    templates.publish_template(draft, by=staff(cast), now=NOW)
    reads_german(cast.employer_lead)
    client.force_login(cast.employer_lead)
    shown = " ".join(client.get(reverse("employer-plan-upgrade", args=[plan.pk])).content.decode().split())
    for words in (
        '<span lang="de">de A year</span>: you have version 1', '<p class="title" lang="de">de Look back</p>',
        '<span lang="de">de Come</span> → <span lang="de">de Visit us</span>',
    ):  # fmt: skip
        assert (words, words in shown) == (words, True)
    client.post(reverse("employer-plan-upgrade", args=[plan.pk]), {"version": 2})
    assert sorted(plan.steps.values_list("title", flat=True)) == ["Call us", "Look back", "Visit us"]


def test_home_mail_and_offer_name_a_step_in_the_readers_language(client, cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    translating.translate(template, "de", german(template), by=staff(cast), now=NOW)
    call = plan.steps.get(title="Call us")
    PlanStep.objects.filter(pk=call.pk).update(due_on=NOW.date())
    call = PlanStep.objects.get(pk=call.pk)
    with languages.writing("de"):
        needs = employer_needs(cast.employer, now=NOW, leads=True)
        mail = KINDS["plan-step-due"].compose(call, Message(), NOW)
        words = KINDS["plan-step-due"].words(call)
    assert [(need.title, need.language) for need in needs if "Call" in need.title] == [("de Call us", "de")]
    assert ("de Call us" in mail.subject, mail.paragraphs[-1], mail.facts[0][1]) == (
        True, "de Any day will do.", "de Call us",
    )  # fmt: skip
    assert (words["step"], words["guidance"], call.title) == ("de Call us", "de Any day will do.", "Call us")
    offer = scenes.opportunity(cast.employer)
    Opportunity.objects.filter(pk=offer.pk).update(plan_step=call)
    reads_german(cast.employer_lead)
    client.force_login(cast.employer_lead)
    shown = client.get(reverse("employer-opportunity", args=[offer.pk])).content.decode()
    assert '" lang="de">de Call us</a>' in shown
    home = client.get(reverse("home")).content.decode()
    assert '<span lang="de">de Call us</span>' in home


def test_the_hub_reads_a_plan_in_its_language(desk, cast, template):
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    translating.translate(template, "de", german(template), by=staff(cast), now=NOW)
    reads_german(cast.amina)
    assert '<span lang="de">de Come</span>' in desk.get(reverse("plans:inspect", args=[plan.pk])).content.decode()

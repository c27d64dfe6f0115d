"""A busy manager scores the firm on a phone, stops, goes on, and shows it: in a browser, with and without scripts."""

from __future__ import annotations

import datetime as dt

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from employers import assessing, framing
from employers.models import Answer, Badge, SelfAssessment
from hubs.actors import system
from insights import evidence
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate, PlanStep
from tests import scenes
from tests.cast import NOW, PASSWORD, actor, two_hubs
from tests.employers.assessments import confirmed
from tests.journey.promises import COLOURS, axe, nothing_is_wider_than_the_screen, settle
from tests.journey.stage import DESK, PHONE, Stage, said

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

A_YEAR_AGO = NOW - dt.timedelta(days=360)
ITEMS, PAGES = 34, 9  # what a small firm is asked
#: One tap a question, one a page, and the way in and out.
MOST_TAPS = ITEMS + PAGES + 8


class Thumb:
    """Counts the taps, and looks at every page it comes to."""

    def __init__(self, page: Page, *, scripts: bool) -> None:
        self.page, self.scripts, self.taps, self.wrong = page, scripts, 0, []

    def tap(self, role: str, name: str) -> None:
        self.page.locator("main").get_by_role(role, name=name).first.click()
        self.taps += 1

    def look(self) -> None:
        """No axe violation at 375 and 1280, light and dark; nothing wider than the phone."""
        page = self.page
        nothing_is_wider_than_the_screen(page)
        if not self.scripts:
            return
        page.evaluate(AXE_SCRIPT)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            for scheme, only in (("light", ()), ("dark", COLOURS if size is PHONE else ())):
                page.emulate_media(color_scheme=scheme)
                settle(page)
                self.wrong += [f"{page.url} {line}" for line in axe(page, f"{size['width']} {scheme}", None, only)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)


def answer(thumb: Thumb, stage: Stage, level: str, *, until: str = "") -> None:
    """Page by page, one tap a question; stops before the page named."""
    page = thumb.page
    while True:
        heading = page.locator("h1").inner_text()
        if heading == until or "/questions/" not in page.url:
            return
        for question in page.locator("fieldset.question").all():
            question.get_by_text(level, exact=True).click()
            thumb.taps += 1
        last = page.get_by_role("button", name="Save", exact=True)
        if last.count():
            thumb.tap("button", "Save")
            return
        thumb.tap("button", "Save and go on")
        expect(page.locator("h1")).not_to_have_text(heading)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without-scripts"])
def test_a_busy_manager_scores_the_firm_on_a_phone(stage, scripts):
    cast = two_hubs()
    cast.hub.hostname = "localhost"
    cast.hub.save()
    by, desk = actor(cast.employer_lead, cast.hub, cast.employer), actor(cast.amina, cast.hub)
    framework = framing.load_framework(cast.hub, by=system(), now=A_YEAR_AGO)
    confirmed(cast.employer, by, desk, 1, now=A_YEAR_AGO)
    plans.adopt(
        ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published"), cast.employer, by=by, now=NOW
    )
    scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY)
    evidence.refresh(cast.hub, now=NOW)
    page = stage.stranger(viewport=PHONE, java_script_enabled=scripts, has_touch=True)
    thumb = Thumb(page, scripts=scripts)
    page.goto("/home/")
    stage.sign_in(page, cast.employer_lead.email, PASSWORD)
    page.goto("/employer/standards/")
    thumb.look()
    stage.shot(page, "40-standards")
    thumb.tap("button", "Begin")
    stage.shot(page, "41-overview")
    thumb.look()
    thumb.tap("link", "First questions")
    said(page, "Last time, 2025: Now and then")  # last year's answer to look at
    assert page.locator("input[type=radio]:checked").count() == 0  # and not filled in
    thumb.look()
    stage.shot(page, "42-questions")
    stops_half_way(cast, thumb, stage)
    sends(thumb, stage)
    shows(cast, thumb, stage, desk)
    assert thumb.wrong == []
    assert [one for one in stage.complaints if "410 (Gone)" not in one] == []
    assert (framework.state, SelfAssessment.objects.count(), Badge.objects.get().state) == ("published", 2, "withdrawn")


def stops_half_way(cast, thumb: Thumb, stage: Stage) -> None:
    """Answers a pillar, forgets a reason, is told so without losing anything, and stops; a colleague does a page."""
    page = thumb.page
    second = framing.document_of(SelfAssessment.objects.get(state="open").framework).pillars[1].standards[0]
    answer(thumb, stage, "For most of what we do", until=second.name)
    questions = page.locator("fieldset.question")
    questions.nth(0).get_by_text("Does not apply to us").click()
    questions.nth(1).get_by_text("Always", exact=False).first.click()
    thumb.tap("button", "Save and stop here")
    said(page, "Say in a few words why it does not apply to you.")
    thumb.look()
    stage.shot(page, "43-reason")
    assert page.locator("input[type=radio]:checked").count() == 2
    questions.nth(0).locator("textarea").fill("We are a workshop of four.")
    thumb.tap("button", "Save and stop here")
    row = SelfAssessment.objects.get(state="open")
    assert Answer.objects.get(assessment=row, not_applicable=True).reason == "We are a workshop of four."
    colleague = actor(cast.employer_member, cast.hub, cast.employer)
    standard = framing.document_of(row.framework).standard("C1")
    assessing.save_answers(
        row, [assessing.Said(item.code, 2) for item in standard.items], by=colleague, now=stage.clock()
    )
    page.goto("/employer/standards/")
    thumb.tap("link", "Go on")
    said(page, "Member Brightwater")
    stage.shot(page, "44-half-way")
    thumb.tap("link", "Next questions")
    answer(thumb, stage, "For most of what we do")


def sends(thumb: Thumb, stage: Stage) -> None:
    page = thumb.page
    said(page, f"{ITEMS} of {ITEMS} questions answered")
    assert thumb.taps <= MOST_TAPS
    thumb.tap("link", "Send to the hub")
    thumb.look()
    thumb.tap("button", "Send to the hub")
    said(page, "Next steps")
    said(page, "points more than last time")
    thumb.look()
    stage.shot(page, "45-result")
    thumb.tap("button", "Add to our plan")
    said(page, "on your plan")
    assert PlanStep.objects.filter(standard__gt="").count() == 1
    thumb.tap("link", "See the record today")
    thumb.look()
    stage.shot(page, "46-record")


def shows(cast, thumb: Thumb, stage: Stage, desk) -> None:
    page, row = thumb.page, SelfAssessment.objects.get(state="submitted")
    assessing.confirm(row, "Thank you.", by=desk, now=stage.clock())
    page.goto(f"/employer/standards/{row.pk}/results/")
    thumb.tap("link", "Show it in public")
    thumb.look()
    stage.shot(page, "47-before-public")
    thumb.tap("button", "Make it public")
    said(page, "You can take it back at any time")
    thumb.look()
    stage.shot(page, "48-public")
    badge = Badge.objects.get()
    anybody = stage.stranger(viewport=PHONE)
    reader = Thumb(anybody, scripts=True)
    anybody.goto(f"/badges/{badge.uid}/")
    said(anybody, "it is true and holds")
    reader.look()
    stage.shot(anybody, "49-badge")
    anybody.goto("/badges/check/")
    anybody.get_by_label("The badge's text").fill(badge.credential)
    anybody.get_by_role("button", name="Check it").click()
    said(anybody, "True, and it holds")
    reader.look()
    stage.shot(anybody, "50-check")
    thumb.tap("button", "Take it back")
    said(page, "Its page names you no more")
    assert anybody.goto(f"/badges/{badge.uid}/").status == 410
    said(anybody, "This badge was taken back")
    assert "Brightwater" not in anybody.content()
    reader.look()
    thumb.wrong += reader.wrong

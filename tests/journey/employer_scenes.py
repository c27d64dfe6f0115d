"""What the employer does: adopts a plan, files its insurance, publishes, answers, hosts."""

from __future__ import annotations

import datetime as dt
import re

from cms.models import PreparationPage
from tests.employers import papers
from tests.journey.hub_scenes import DESK_ADDRESS, EMPLOYER, LEAD, PLAN
from tests.journey.stage import PHONE, Stage, fill, said

TITLE = "A day in the pump workshop"
#: In term; in the autumn half-term; in term again.
FITS, CLOSED, LATER = "2026-10-20", "2026-10-29", "2026-11-10"
MORNING_BEFORE = dt.datetime(2026, 10, 19, 7, 5, tzinfo=dt.UTC)
DAY_TEN = dt.datetime(2026, 10, 20, 9, 0, tzinfo=dt.UTC)
DAY_AFTER = dt.datetime(2026, 10, 20, 15, 0, tzinfo=dt.UTC)
PDF = papers.pdf()
FOREMAN, FOREMAN_CALLED = "foreman@brightwater.example", "The workshop foreman"


def adopt_a_plan(stage: Stage) -> None:
    page = stage.at(EMPLOYER)
    stage.shot(page, "05-employer-home-new", phone=True)
    page.goto("/employer/plan/")
    page.get_by_role("link", name=re.compile(f"See the steps.*{PLAN}")).click()
    stage.shot(page, "05-template", phone=True)
    page.get_by_role("button", name="Adopt this plan").click()
    said(page, "Next: Open the doors for a day")
    stage.shot(page, "05-plan", phone=True)


def file_the_insurance(stage: Stage) -> None:
    page = stage.at(EMPLOYER)
    page.goto("/employer/organisation/")
    page.get_by_role("link", name="Add a document").first.click()
    page.locator("[name=kind]").select_option("liability")
    page.locator("[name=file]").set_input_files({"name": "liability.pdf", "mimeType": "application/pdf", "buffer": PDF})
    fill(page, reference="Mutual of the Docks 4711", expires_on="2027-08-31")
    stage.shot(page, "06-document-form", phone=True)
    page.locator("main form button").last.click()
    said(page, "Mutual of the Docks 4711")
    page.get_by_role("link", name="Add a site").click()
    fill(page, name="Dock workshop", address="4 Pump Lane", town="Harbour", postcode="HB1 2AB")
    page.locator("main form button").last.click()
    said(page, "Dock workshop")
    stage.shot(page, "06-organisation", phone=True)


def publish(stage: Stage) -> None:
    """From the plan's step through the wizard, with three sessions."""
    page = stage.at(EMPLOYER)
    page.goto("/employer/plan/")
    page.get_by_role("link", name="Publish an opportunity").click()
    stage.shot(page, "07-step", phone=True)
    page.get_by_role("link", name=re.compile("Go step by step")).click()
    fill(page, title=TITLE, summary="Take a pump apart, find the fault, and put it together again.", min_age="14")
    stage.shot(page, "07-wizard-what", phone=True)
    page.get_by_role("button", name="Go on to dates").click()
    for day, then in ((FITS, "Add, then another"), (CLOSED, "Add, then another"), (LATER, "Add and go on")):
        fill(page, **{"days-0-on": day, "days-0-start": "09:30", "days-0-end": "14:30", "places": "4"})
        if day == FITS:
            stage.shot(page, "07-wizard-dates", phone=True)
        page.get_by_role("button", name=then).click()
    page.get_by_label("Dock workshop, Harbour").check()
    fill(page, supervisor=FOREMAN_CALLED, clothing="Sturdy shoes", food="Lunch in the canteen")
    page.locator("[name=day_plan]").select_option(index=1)
    stage.shot(page, "07-wizard-practical", phone=True)
    page.get_by_role("button", name="Look it over").click()
    stage.shot(page, "07-wizard-review", phone=True)
    page.get_by_role("button", name="Send it to the hub").click()
    said(page, "With the hub")


def hub_approves(stage: Stage) -> None:
    page = stage.mail(DESK_ADDRESS, "To approve", stage.at(LEAD))
    stage.follow(page, "Look at it")
    stage.shot(page, "08-moderate", phone=True)
    page.get_by_role("link", name="Approve").click()
    stage.shot(page, "08-approve")
    page.get_by_role("button", name="Approve").click()
    page = stage.stranger(viewport=PHONE)
    page.goto("/opportunities/")
    said(page, TITLE)
    stage.shot(page, "08-catalogue")


def answer(stage: Stage, page=None, shot: str = "15") -> None:
    """By the link in the mail, in a browser nobody signed in to."""
    page = stage.mail(EMPLOYER, "Can you take", page or stage.stranger())
    stage.shot(page, f"{shot}-offer-mail")
    stage.follow(page, "See the request and answer")
    stage.shot(page, f"{shot}-answer", phone=True)
    page.get_by_role("button", name=re.compile("^Accept")).click()
    said(page, re.compile("said yes"))
    stage.shot(page, f"{shot}-answered", phone=True)


def declare(stage: Stage) -> None:
    """What is asked of the host, on the page the answer's link still opens."""
    page = stage.mail(EMPLOYER, "Can you take")
    stage.follow(page, "See the request and answer")
    while (tasks := page.locator("details:has(input[name=task])")).count():
        if tasks.first.get_attribute("open") is None:
            tasks.first.locator("summary").click()
        tasks.first.locator("[name=confirmed]").check()
        with page.expect_navigation():
            tasks.first.get_by_role("button", name="Confirm").click()
    stage.shot(page, "15-declared", phone=True)


def prepare_the_foreman(stage: Stage) -> None:
    """Whoever looks after them is put on the list, gets the link, reads the page and answers on a phone."""
    page = stage.at(EMPLOYER)
    page.goto("/employer/organisation/volunteers/new/")
    fill(page, name=FOREMAN_CALLED, email=FOREMAN)
    page.locator("main form button").last.click()
    page.get_by_role("button", name="Send the preparation").click()
    said(page, "The link is on its way")
    page = stage.mail(FOREMAN, "A few minutes", stage.stranger(viewport=PHONE))
    stage.follow(page, "Begin")
    for module in PreparationPage.objects.live().filter(is_required=True):
        page.locator(f"main a[href$='/{module.pk}/']").first.click()
        for number, block in enumerate(module.questions):
            right = next(at for at, answer in enumerate(block.value["answers"]) if answer["is_right"])
            page.locator(f"[name=q{number}][value='{right}']").check()
        stage.shot(page, "15-preparation")
        page.get_by_role("button", name="Send my answers").click()
        said(page, "Well done.")
    stage.work()


def host_the_day(stage: Stage) -> None:
    """Five days before, the supervisor gets the page of the day; on the day, who is here."""
    page = stage.mail(EMPLOYER, "Who comes on", stage.stranger(viewport=PHONE))
    stage.follow(page, "Open the page of the day")
    said(page, "10A-01")
    stage.shot(page, "20-host-before")
    stage.clock.move_to(DAY_TEN)
    stage.work()
    page.reload()
    stage.shot(page, "20-host-morning")
    page.get_by_role("button", name="Everybody is here").click()
    said(page, "3 of 3 were here")
    stage.clock.move_to(DAY_AFTER)
    stage.work()
    page.reload()
    for question in ("two_way", "range_of_people", "task", "feedback", "again"):
        page.locator(f"[name={question}][value=yes]").check()
    stage.shot(page, "21-host-feedback")
    page.get_by_role("button", name="Send feedback").click()
    said(page, "Feedback was given")


def see_the_step_done(stage: Stage) -> None:
    page = stage.at(EMPLOYER)
    stage.shot(page, "23-employer-home", phone=True)
    page.goto("/employer/plan/")
    said(page, "1 of 2 steps behind you")
    stage.shot(page, "23-plan", phone=True)
    page.goto("/employer/placements/")
    stage.shot(page, "23-placements", phone=True)
    page.get_by_role("link", name=re.compile("Quayside|pump")).first.click()
    stage.shot(page, "23-placement", phone=True)

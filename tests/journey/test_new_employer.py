"""From the invitation to a published session, and the same again next year: how much there is to fill in."""

from __future__ import annotations

import datetime as dt
import logging
import re

import pytest

from opportunities.models import Opportunity, Session
from tests.journey import employer_scenes as employer
from tests.journey import hub_scenes as hub
from tests.journey.counted import Count, counting
from tests.journey.stage import Stage, fill, said

log = logging.getLogger(__name__)

#: What is promised of the first time , and of the same once more: to sign in, and the new insurance.
MOST_FIRST, MOST_AGAIN = 25, 6
NEXT_YEAR = dt.datetime(2027, 9, 14, 9, 0, tzinfo=dt.UTC)
UNTIL, LATER = "2027-08-31", "2028-08-31"


def first_time(stage: Stage) -> None:
    """Accept, adopt, publish from the plan's step, with a site, a plan for the day and the insurance."""
    hub.accept(stage, hub.EMPLOYER, "Brightwater")
    employer.adopt_a_plan(stage)
    page = stage.at(hub.EMPLOYER)
    page.goto("/employer/plan/")
    page.get_by_role("link", name="Publish an opportunity").click()
    fill(page, title=employer.TITLE, on=employer.FITS, places="4")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="Add a site").click()
    fill(page, name="Dock workshop", address="4 Pump Lane", town="Harbour", postcode="HB1 2AB")
    page.locator("main form button").last.click()
    fill(page, supervisor="The workshop foreman", clothing="Sturdy shoes", food="Lunch in the canteen")
    page.locator("[name=day_plan]").select_option(index=1)
    page.get_by_role("button", name="Look it over").click()
    stage.shot(page, "30-review-missing", phone=True)
    send(stage, page, UNTIL)


def insure(page, until: str) -> None:
    page.goto("/employer/organisation/")
    page.get_by_role("link", name="Add a document").first.click()
    page.locator("[name=kind]").select_option("liability")
    pdf = {"name": "liability.pdf", "mimeType": "application/pdf", "buffer": employer.PDF}
    page.locator("[name=file]").set_input_files(pdf)
    fill(page, reference="Mutual of the Docks 4711", expires_on=until)
    page.locator("main form button").last.click()
    said(page, "Mutual of the Docks 4711")


def send(stage: Stage, page, until: str) -> None:
    """What the review still asks for, then off to the hub."""
    review = page.url
    insure(page, until)
    page.goto(review)
    if (missing := page.get_by_role("link", name=re.compile("^Mend it.*youngest age"))).count():
        missing.click()
        fill(page, min_age="14", summary="Take a pump apart, find the fault, and put it together again.")
        page.get_by_role("button", name="Go on to dates").click()
        page.goto(review)
    stage.shot(page, "30-review", phone=True)
    page.get_by_role("button", name="Send it to the hub").click()
    said(page, "With the hub")


def next_year(stage: Stage) -> None:
    """Offered again: what was said stays, the days are proposed; the insurance has run out meanwhile."""
    page = stage.at(hub.EMPLOYER)
    page.goto("/employer/opportunities/")
    page.get_by_role("link", name=employer.TITLE).first.click()
    page.get_by_role("button", name="Offer it again").click()
    stage.shot(page, "31-again-dates", phone=True)
    page.get_by_role("button", name="Add and go on").click()
    page.get_by_role("button", name="Look it over").click()
    send(stage, page, LATER)


def approve(stage: Stage) -> None:
    page = stage.mail(hub.DESK_ADDRESS, "To approve", stage.at(hub.LEAD))
    stage.follow(page, "Look at it")
    page.get_by_role("link", name="Approve").click()
    page.get_by_role("button", name="Approve").click()
    said(page, re.compile("Published|published"))


def measured(stage: Stage, act) -> Count:
    with counting() as count:
        stage.watchers.append(count.watch)
        for page in [page for context in stage.contexts.values() for page in context.pages]:
            count.watch(page)
        act(stage)
        stage.watchers.remove(count.watch)
    log.warning("%s: %s fields, %s pages: %s", act.__name__, len(count.fields), len(count.pages), count.fields)
    return count


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_new_employer_fills_in_little_and_next_year_less(stage):
    for step in (hub.install, hub.the_hub_lead_joins, hub.write_a_plan, hub.publish_the_plan, hub.invite_an_employer):
        step(stage)
    assert len(measured(stage, first_time).fields) <= MOST_FIRST
    approve(stage)
    assert Opportunity.objects.get().state == "published"
    stage.clock.move_to(NEXT_YEAR)
    assert len(measured(stage, next_year).fields) <= MOST_AGAIN
    approve(stage)
    later = Session.objects.order_by("-starts_at").first()
    assert (Opportunity.objects.filter(state="published").count(), later.starts_at > NEXT_YEAR) == (2, True)
    assert stage.complaints == []

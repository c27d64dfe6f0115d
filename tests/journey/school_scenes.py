"""What the coordinator does: loads the year and the timetable, finds, asks, clears, closes."""

from __future__ import annotations

import re

from tests.journey import files
from tests.journey.employer_scenes import TITLE
from tests.journey.hub_scenes import SCHOOL
from tests.journey.stage import PHONE, Stage, fill, said

PARENTS = ("carer-1@family.example", "carer-2@family.example", "carer-3@family.example")


def load_the_term_dates(stage: Stage) -> None:
    page = stage.at(SCHOOL)
    stage.shot(page, "09-school-home-new", phone=True)
    page.goto("/school/calendar/import/")
    name, data = files.term_dates()
    page.locator("[name=file]").set_input_files({"name": name, "mimeType": "text/calendar", "buffer": data})
    page.get_by_role("button", name="Read the file").click()
    stage.shot(page, "09-calendar-check", phone=True)
    # Numbered school weeks leave the length of the cycle open; weeks that are named do not.
    cycle = page.get_by_label("Two: A and B")
    if cycle.count():
        cycle.check()
    page.get_by_role("button", name="Load these dates").click()
    said(page, "The dates are in")
    stage.shot(page, "09-calendar-done", phone=True)
    page.goto("/school/calendar/")
    stage.shot(page, "09-calendar", phone=True)


def set_the_bell(stage: Stage) -> None:
    page = stage.at(SCHOOL)
    page.goto("/school/calendar/bell/new/")
    fill(page, name="Every day")
    for number, (name, starts, ends) in enumerate(files.PERIODS[:4]):
        row = f"periods-{number}-"
        fill(page, **{f"{row}name": name, f"{row}starts_at": starts, f"{row}ends_at": ends})
    page.get_by_role("button", name="Save the periods").click()
    page.get_by_role("link", name="Every day").click()
    name, starts, ends = files.PERIODS[4]
    fill(page, **{"periods-4-name": name, "periods-4-starts_at": starts, "periods-4-ends_at": ends})
    stage.shot(page, "10-bell", phone=True)
    page.get_by_role("button", name="Save the periods").click()


def load_the_timetable(stage: Stage) -> None:
    page = stage.at(SCHOOL)
    page.goto("/school/groups/import/")
    page.locator("[name=file]").set_input_files(
        {"name": "timetable.csv", "mimeType": "text/csv", "buffer": files.timetable()}
    )
    page.get_by_role("button", name="Read the file").click()
    stage.shot(page, "11-timetable-check", phone=True)
    page.get_by_role("button", name="Load this timetable").click()
    said(page, "The timetable is in")
    page.goto("/school/groups/")
    page.get_by_label("Students in 10A").fill("3")
    page.get_by_label("Students in 10B").fill("2")
    page.get_by_role("button", name="Save the numbers").click()
    stage.shot(page, "11-groups", phone=True)
    page.get_by_role("link", name="10A").click()
    stage.shot(page, "11-group", phone=True)


def see_what_fits(stage: Stage) -> None:
    page = stage.at(SCHOOL)
    page.goto("/school/sessions/")
    page.get_by_label("Group").select_option(label="10A")
    said(page, re.compile("2 sessions fit 10A"))
    page.get_by_text(re.compile("Hidden because")).click()
    stage.shot(page, "12-sessions", phone=True)


def ask_for_places(stage: Stage, page=None, group: str = "10A", day: str = "20 Oct", shot: str = "13") -> None:
    """From the list of sessions to a request, with whatever browser."""
    page = page or stage.at(SCHOOL)
    page.goto("/school/sessions/")
    page.get_by_label("Group").select_option(label=group)
    show = page.get_by_role("button", name="Show")
    if show.is_visible():
        show.click()
    said(page, re.compile(f"sessions fit {group}"))
    card = page.locator("article.session", has_text=re.compile(day))
    card.get_by_role("link", name=re.compile(TITLE)).first.click()
    stage.shot(page, f"{shot}-session", phone=True)
    row = page.locator("li", has=page.get_by_text(group, exact=True)).filter(has_text="Request places")
    row.get_by_role("link", name=re.compile("Request places")).click()
    stage.shot(page, f"{shot}-request", phone=True)
    page.get_by_role("button", name="Send request").click()
    said(page, "Nothing is binding yet.")
    stage.shot(page, f"{shot}-sent", phone=True)


def clear(stage: Stage) -> None:
    """The school's own tasks, then each parent by a link of their own."""
    page = stage.mail(SCHOOL, "Agreed", stage.at(SCHOOL))
    stage.shot(page, "16-agreed-mail")
    page.goto("/school/requests/")
    stage.shot(page, "16-requests", phone=True)
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    stage.shot(page, "16-placement", phone=True)
    placement = page.url
    do_the_tasks(stage, page, placement)
    page.get_by_role("link", name=re.compile("Agreement of a parent")).first.click()
    for number, address in enumerate(PARENTS):
        page.locator("input[type=email]").nth(number).fill(address)
    stage.shot(page, "16-ask-parents", phone=True)
    page.get_by_role("button", name="Send the questions").click()
    for number, address in enumerate(PARENTS):
        agree(stage, address, shot="17-consent" if not number else "")
    page.goto(placement)
    said(page, "ready")
    stage.shot(page, "18-ready", phone=True)


def do_the_tasks(stage: Stage, page, placement: str) -> None:
    """What the school itself is asked, one by one; the page is the placement's afterwards."""
    number = 0
    while True:
        page.goto(placement)
        tasks = page.locator("#tasks ~ *").get_by_role("link", name=re.compile("^Do it"))
        if not tasks.count():
            return
        number += 1
        tasks.first.click()
        fill(page, note="Seen and filed.")
        stage.shot(page, f"16-task-{number}", phone=True)
        page.get_by_role("button", name=re.compile("^It is (done|decided)$")).click()


def agree(stage: Stage, address: str, *, shot: str = "") -> None:
    page = stage.mail(address, "asks for your agreement", stage.stranger(viewport=PHONE))
    stage.follow(page, "Read and decide")
    if shot:
        stage.shot(page, shot)
    fill(page, name="Carer of a student")
    page.get_by_label("Carer or guardian").check()
    page.get_by_role("button", name="I agree").click()
    said(page, re.compile("agreed on"))
    if shot:
        stage.shot(page, f"{shot}-given")
    page.context.close()


def subscribe(stage: Stage) -> None:
    """The private feed: names nobody, and answers 304 to a calendar that has it already."""
    page = stage.at(SCHOOL)
    page.goto("/school/feeds/")
    page.get_by_role("button", name="Make a calendar address").click()
    address = page.locator("#address").inner_text()
    stage.shot(page, "19-feed", phone=True)
    reader = stage.stranger().request
    first = reader.get(address)
    assert first.status == 200
    assert first.headers["content-type"].startswith("text/calendar")
    assert TITLE in first.text().replace("\r\n ", "")
    assert "10A-01" not in first.text()
    again = reader.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status == 304


def close_the_register(stage: Stage) -> None:
    page = stage.mail(SCHOOL, "Who was there", stage.at(SCHOOL))
    stage.follow(page, "Close the register")
    page.get_by_role("link", name="Mark who is there").click()
    stage.shot(page, "22-register", phone=True)
    for question in ("purpose", "outcomes", "two_way", "reflection"):
        page.locator(f"[name={question}][value=yes]").check()
    page.get_by_role("button", name="Close the register").click()
    said(page, re.compile("3 encounters|Counted"))
    stage.shot(page, "22-completed", phone=True)
    page.goto("/home/")
    stage.shot(page, "22-school-home", phone=True)

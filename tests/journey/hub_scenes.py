"""What the hub does: it opens, publishes a plan, brings people in, approves, brokers."""

from __future__ import annotations

import re

from django.core.management import call_command

from tests.journey.stage import PASSWORD, Stage, fill, said

#: Where mail to the hub goes for organisations without a careers manager.
DESK_ADDRESS = "desk@harbour.example"
LEAD = "amina@harbour.example"
EMPLOYER = "lead@brightwater.example"
SCHOOL = "coordinator@quayside.example"
NAMES = {LEAD: "Amina Lead", EMPLOYER: "Bertil Bright", SCHOOL: "Cora Quay"}
PLAN = "A first year with schools"


def install(stage: Stage) -> None:
    """The one thing not done by clicking: whoever runs the install makes a hub with a command."""
    call_command("create_hub", "Harbour Careers Hub", "harbour", "localhost", lead=LEAD, contact_email=DESK_ADDRESS)


def visit_the_site(stage: Stage) -> None:
    page = stage.stranger()
    page.goto("/")
    stage.shot(page, "01-site", phone=True)
    page.goto("/opportunities/")
    stage.shot(page, "01-catalogue-empty", phone=True)


def the_hub_lead_joins(stage: Stage) -> None:
    accept(stage, LEAD, "Harbour Careers Hub", shot="02")


def invite(page, email: str, role: str) -> None:
    page.get_by_label("Name", exact=True).fill(NAMES[email])
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_label(role, exact=True).check()
    page.get_by_role("button", name="Send invitation").click()
    said(page, email)


def accept(stage: Stage, email: str, place: str, *, shot: str = "") -> None:
    """By the link in the mail, with a new password."""
    page = stage.mail(email, place)
    if shot:
        stage.shot(page, f"{shot}-invitation-mail")
    stage.follow(page, "Accept the invitation")
    fill(page, name=NAMES[email], password=PASSWORD)
    if shot:
        stage.shot(page, f"{shot}-invitation", phone=True)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile("/(home|admin)/"))
    stage.joined(email, page)


def write_a_plan(stage: Stage) -> None:
    """One template with two steps, published."""
    page = stage.at(LEAD)
    page.goto("/admin/")
    stage.shot(page, "03-hub-home", phone=True)
    page.goto("/admin/templates/new/")
    fill(page, name=PLAN, about="Three visits over a year, each with its own task.")
    add_step(page, 0, "Open the doors for a day", "Single-day placement", week="8", hours="6", places="4")
    add_step(page, 1, "Say thank you", "", week="30", hours="1", places="0")
    stage.shot(page, "03-template-form")
    page.get_by_role("button", name=re.compile("Save|Create")).last.click()
    stage.shot(page, "03-template")


def add_step(page, number: int, title: str, kind: str, *, week: str, hours: str, places: str) -> None:
    page.get_by_role("button", name="Add Step").click()
    row = f"steps-{number}-"
    fill(page, **{f"{row}title": title, f"{row}week": week, f"{row}staff_hours": hours, f"{row}places": places})
    if kind:
        page.locator(f"[name={row}encounter_type]").select_option(label=kind)


def publish_the_plan(stage: Stage) -> None:
    page = stage.at(LEAD)
    page.goto("/admin/templates/")
    page.get_by_role("link", name=PLAN).first.click()
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    said(page, "Published")


def bring_people_in(stage: Stage) -> None:
    """An employer and a school, each with its first person, who accepts by mail."""
    page = invite_an_employer(stage)
    page.goto("/admin/schools/new/")
    fill(
        page,
        name="Quayside School",
        safeguarding_contact="Safeguarding lead, extension 4",
        emergency_phone="0114 496 0000",
    )
    save(page)
    act_for(page, "Quayside School")
    page.goto("/people/")
    invite(page, SCHOOL, "School coordinator")
    stage.shot(page, "04-people", phone=True)
    accept(stage, EMPLOYER, "Brightwater")
    accept(stage, SCHOOL, "Quayside")


def invite_an_employer(stage: Stage):
    page = stage.at(LEAD)
    page.goto("/admin/employers/new/")
    fill(page, name="Brightwater Engineering")
    page.locator("[name=size]").select_option(index=2)
    save(page)
    act_for(page, "Brightwater Engineering")
    page.goto("/people/")
    invite(page, EMPLOYER, "Employer lead")
    return page


def save(page) -> None:
    page.locator("form button[type=submit]", has_text=re.compile("Save|Create")).last.click()


def act_for(page, name: str) -> None:
    page.get_by_role("button", name=f"Act for {name}").click()
    said(page, name)


def broker(stage: Stage, shot: str = "14") -> None:
    """Hold, then offer, on the desk."""
    page = stage.mail(DESK_ADDRESS, "asks for", stage.at(LEAD))
    page.goto("/admin/")
    stage.shot(page, f"{shot}-hub-needs", phone=True)
    page.goto("/admin/desk/")
    stage.shot(page, f"{shot}-desk", phone=True)
    page.get_by_role("link", name=re.compile("Broker")).first.click()
    stage.shot(page, f"{shot}-desk-request", phone=True)
    page.get_by_role("button", name=re.compile("Hold")).first.click()
    page.get_by_role("link", name="Offer to the employer").click()
    stage.shot(page, f"{shot}-offer")
    page.get_by_role("button", name="Offer to the employer").click()
    said(page, "answer by")

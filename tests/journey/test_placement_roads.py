"""Four placements in a real browser, each with its own clearances, papers and limits on hours: a class
visit, a split work experience of named students in England, a stage in France, an estágio in Brazil.

Organisations and the offer are brought about by the domain; everything a person does is clicked:
the desk holds and asks, the employer answers by link on a phone, papers are drawn up and signed by
links, consent is given, the host marks who came, the school closes the register.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from employers.models import Document
from hubs.domain.staff import sync_staff
from hubs.rulepacks import load_packs
from hubs.wallclock import instant
from opportunities.models import Session, SessionDay
from placements.domain import requests
from placements.models import Encounter, Placement, Signature
from tests import cast as casting
from tests import scenes
from tests.journey.promises import nothing_is_wider_than_the_screen
from tests.journey.school_scenes import do_the_tasks
from tests.journey.stage import PHONE, Stage, fill, said

NINE, FOUR, FIVE, SIX = dt.time(9), dt.time(16), dt.time(17), dt.time(18)
MONDAY = dt.date(2026, 10, 19)


@dataclass(frozen=True)
class Road:
    """`too_long` is when a day would end that the limits refuse, with what is said; none: no limit.
    `gaps` are days after the first Monday; `papers` who signs what is drawn up."""

    jurisdiction: str
    zone: str
    tier: str
    gaps: tuple[int, ...]
    ends: dt.time
    pause: int | None
    students: int
    named: bool = False
    too_long: tuple[dt.time, str] | None = None
    papers: tuple[str, ...] = ()
    consents: int = 0
    #: Credited to each student: those of the kind (12), and never more than the days have without their breaks.
    hours: str = "12.0"


ROADS = {
    "visit": Road("GB-ENG", "Europe/London", "T2", (1,), FOUR, None, 3, hours="7.0"),
    "split": Road(
        "GB-ENG", "Europe/London", "T3", (0, 7, 14), FIVE, 45, 2, named=True, consents=2,
        too_long=(dt.time(19), "Mon 19 October: 9.25 hours at work that day, and the most is 8 hours."),
    ),
    "stage": Road(
        "FR", "Europe/Paris", "T3", (0, 1, 2, 3, 4), FOUR, 60, 1, papers=("school", "host", "parent", "student"),
        too_long=(SIX, "Rule: Hours under 16 (Model conventions of the ministry, 2025)."),
    ),
    "estagio": Road(
        "BR", "America/Sao_Paulo", "T4", (0, 1, 2, 3), FOUR, 60, 1, papers=("school", "host", "parent", "student"),
        too_long=(SIX, "Rule: Six hours a day, thirty a week (Lei 11.788/2008, art. 10)."),
    ),
}  # fmt: skip


class Play:
    """One road on the stage: who is who, and the placement they speak of."""

    def __init__(self, stage: Stage, road: Road) -> None:
        self.stage, self.road = stage, road
        load_packs()
        self.cast = casting.two_hubs()
        hub = self.cast.hub
        hub.hostname, hub.jurisdiction, hub.time_zone = "localhost", road.jurisdiction, road.zone
        hub.save()
        sync_staff(hub)
        for row in (self.cast.school, self.cast.employer):
            row.hub = hub
        type(self.cast.school).objects.filter(pk=self.cast.school.pk).update(
            safeguarding_contact="Ms Quill, 01", emergency_phone="01 02"
        )
        self.cast.school.refresh_from_db()
        Document.objects.create(
            hub=hub, employer=self.cast.employer, kind="liability", state="held", reference="Quay Mutual 7",
            added_at=casting.NOW, expires_on=dt.date(2027, 8, 31),
        )  # fmt: skip
        self.group = scenes.group(self.cast.school, size=road.students)
        self.offers: list[Session] = []

    @property
    def placement(self) -> Placement:
        return Placement.objects.select_related("session").get()

    def session(self, ends: dt.time) -> Session:
        """The offer's days, ending at `ends`."""
        road, hub = self.road, self.cast.hub
        kind = scenes.encounter_type(hub, f"road{ends:%H}", name="Placement", tier=road.tier, hours=12)
        offer = scenes.opportunity(
            self.cast.employer, kind=kind, title=f"Until {ends:%H}:00", supervisor="Sam Clear", max_age=18
        )
        zone = ZoneInfo(road.zone)
        dates = [MONDAY + dt.timedelta(days=gap) for gap in road.gaps]
        made = Session.objects.create(
            hub=hub, employer=self.cast.employer, opportunity=offer, time_zone=road.zone, places=10,
            starts_at=instant(dates[0], NINE, zone), ends_at=instant(dates[-1], ends, zone),
            break_minutes=road.pause, created_at=casting.NOW,
        )  # fmt: skip
        for date in dates:
            SessionDay.objects.create(session=made, on=date, starts_at=NINE, ends_at=ends)
        return made

    def as_(self, user, viewport=None) -> Page:
        """A new browser in which this person is signed in."""
        client = Client()
        client.force_login(user)
        page = self.stage.stranger(**({"viewport": viewport} if viewport else {}))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.stage.base}])
        return page


def ask(play: Play) -> None:
    """The school's request. A day that is too long is refused before it is sent, with the day and the rule."""
    students = list(play.group.students.order_by("pk")) if play.road.named else []

    def send(wish: Session) -> None:
        requests.request_places(
            play.cast.school, group=play.group, places=play.road.students, wished=[wish], students=students,
            by=casting.actor(play.cast.coordinator, play.cast.hub, play.cast.school), now=casting.NOW,
        )  # fmt: skip

    if play.road.too_long:
        ends, sentence = play.road.too_long
        with pytest.raises(requests.CannotRequest, match=re.escape(sentence)):
            send(play.session(ends))
    send(play.session(play.road.ends))


def broker(play: Play) -> None:
    """The desk is not offered what breaks a limit, and reads which day and rule; it holds and asks for the rest."""
    page = play.as_(play.cast.amina)
    page.goto("/admin/")
    page.get_by_role("link", name=re.compile("^Broker")).first.click()
    if play.road.too_long:
        ends, sentence = play.road.too_long
        said(page, re.compile(re.escape(sentence)))
        assert not page.get_by_role("button", name=re.compile(f"Hold.*Until {ends:%H}:00")).count()
    page.get_by_role("button", name=re.compile(f"Hold.*Until {play.road.ends:%H}:00")).click()
    said(page, "Held.")
    play.stage.shot(page, f"roads-{play.road.jurisdiction}-{play.road.tier}-desk")
    page.get_by_role("button", name="Ask the ticked employers").click()
    said(page, "1 employer is asked.")


def answer(play: Play) -> None:
    """The employer accepts on a phone, and confirms what a word is enough for."""
    stage = play.stage
    page = stage.mail("lead@brightwater.example", "Can you take", stage.stranger(viewport=PHONE))
    stage.follow(page, "See the request and answer")
    page.get_by_role("button", name=re.compile("^Accept")).click()
    said(page, "What happens next")
    while page.locator("button:text-is('Confirm')").count():  # most of them are folded away
        fold = page.locator("details:has(button:text-is('Confirm'))").first
        if not fold.evaluate("one => one.open"):
            fold.locator("summary").click()
        fold.locator("input[type=checkbox]").check()
        fold.get_by_role("button", name="Confirm").click()
        page.wait_for_load_state()
    stage.shot(page, f"roads-{play.road.jurisdiction}-{play.road.tier}-answered")


def sign_papers(play: Play) -> None:
    """Drawn up by the school, signed on the page by school and employer, by links by family and student."""
    if not play.road.papers:
        return
    page = play.as_(play.cast.coordinator)
    page.goto(f"/school/placements/{play.placement.pk}/")
    said(page, "Not drawn up yet.")
    page.get_by_role("link", name="See the agreement").click()
    page.get_by_role("button", name="Draw up the agreement").click()
    said(page, "Drawn up.")
    play.stage.shot(page, f"roads-{play.road.jurisdiction}-agreement", phone=True)
    _sign_here(page, "Head of Quayside")
    for party, address in (("parent", "family@home.example"), ("student", "student@home.example")):
        line = Signature.objects.get(party=party)
        row = page.locator(f"li:has(input[name=line][value='{line.pk}'])")
        row.locator("summary", has_text="Ask by e-mail").click()
        row.locator("input[type=email]").fill(address)
        row.get_by_role("button", name="Send the link").click()
        said(page, "Asked.")
        _sign_on_a_phone(play, address)
    host = play.as_(play.cast.employer_lead)
    host.goto(f"/employer/placements/{play.placement.pk}/")
    host.get_by_role("link", name="Read and sign").click()
    _sign_here(host, "Lead Brightwater")
    page.reload()
    said(page, "signed by everybody")
    paper = page.request.get(page.get_by_role("link", name="Read it as PDF").get_attribute("href") or "")
    assert paper.body().startswith(b"%PDF-")
    assert Signature.objects.filter(signed_at__isnull=False).count() == len(play.road.papers)


def _sign_here(page: Page, name: str) -> None:
    page.locator("summary", has_text="Sign here").first.click()
    form = page.locator("form:has(input[name=act][value=sign])").first
    form.locator("[name=name]").fill(name)
    form.locator("[name=read]").check()
    form.get_by_role("button", name="Sign", exact=True).click()
    said(page, "Signed.")


def _sign_on_a_phone(play: Play, address: str) -> None:
    """Reads, draws with a finger, signs; the picture is kept with the name."""
    stage = play.stage
    # Families are written to in the language of the hub's country.
    page = stage.mail(address, "signature|assinatura", stage.stranger(viewport=PHONE))
    stage.follow(page, re.compile("Read and sign|Lire et signer|Ler e assinar"))
    page.locator("canvas").scroll_into_view_if_needed()
    nothing_is_wider_than_the_screen(page)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 15, steps=4)
    page.mouse.move(box["x"] + 150, box["y"] + 50, steps=4)
    page.mouse.up()
    fill(page, name="A. Blanc")
    page.locator("[name=read]").check()
    stage.shot(page, f"roads-{play.road.jurisdiction}-sign")
    page.get_by_role("button", name="Sign", exact=True).click()
    said(page, "A. Blanc signed on")
    assert Signature.objects.filter(name="A. Blanc").order_by("-signed_at", "-pk").first().drawing


def clear(play: Play) -> None:
    """What is left for the school and for families; then it is ready."""
    page = play.as_(play.cast.coordinator)
    do_the_tasks(play.stage, page, f"/school/placements/{play.placement.pk}/")
    if play.road.consents:
        page.get_by_role("link", name=re.compile("Agreement of a parent")).first.click()
        for number in range(play.road.consents):
            page.locator("input[type=email]").nth(number).fill(f"family{number}@home.example")
        page.get_by_role("button", name="Send the questions").click()
        for number in range(play.road.consents):
            _consent(play, f"family{number}@home.example")
    assert play.placement.state == "ready", list(play.placement.clearances.filter(state="open"))


def _consent(play: Play, address: str) -> None:
    page = play.stage.mail(address, "agreement", play.stage.stranger(viewport=PHONE))
    play.stage.follow(page, "Read and decide")
    fill(page, name="A. Blanc")
    page.locator("[name=relation][value=parent]").check()
    page.get_by_role("button", name="I agree").click()
    said(page, "agreed on")


def the_days(play: Play) -> None:
    """Each day the host says that everybody is here."""
    stage, session = play.stage, play.placement.session
    first = session.starts_at
    stage.clock.move_to(first - dt.timedelta(days=1))
    page = stage.mail("lead@brightwater.example", "Who comes on", stage.stranger(viewport=PHONE))
    stage.follow(page, "Open the page of the day")
    for gap in play.road.gaps:
        stage.clock.move_to(first + dt.timedelta(days=gap - play.road.gaps[0], hours=1))
        stage.work()
        page.reload()
        page.get_by_role("button", name="Everybody is here").locator("visible=true").last.click()
        said(page, re.compile(f"{play.road.students} of {play.road.students}"))
    stage.shot(page, f"roads-{play.road.jurisdiction}-{play.road.tier}-host")


def close(play: Play) -> None:
    play.stage.clock.move_to(play.placement.session.ends_at + dt.timedelta(hours=3))
    page = play.as_(play.cast.coordinator)
    page.goto(f"/school/placements/{play.placement.pk}/register/")
    page.locator("[name=purpose][value=yes]").check()
    page.get_by_role("button", name="Close the register").click()
    said(page, re.compile("It counts for"))
    assert list(Encounter.objects.values_list("attended", flat=True)) == [True] * play.road.students
    page.goto("/school/coverage/")
    page.locator("summary", has_text=f" of {play.road.students} students").click()
    page.get_by_role("link", name="10A-01").first.click()
    said(page, f"{play.road.hours} hours in all")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("name", ROADS)
def test_a_placement_goes_its_road(stage, name):
    play = Play(stage, ROADS[name])
    for step in (ask, broker, answer, sign_papers, clear, the_days, close):
        step(play)
    assert stage.complaints == []

"""What can be dragged on the desk, by mouse; the same by keyboard, and with scripts off."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Locator, Page, expect

from cms.domain import open_site
from hubs.actors import system
from hubs.domain.staff import sync_staff
from placements.domain import brokering, turns
from placements.models import Placement, Turn
from tests import scenes
from tests.cast import NOW, PASSWORD, two_hubs
from tests.journey.promises import nothing_is_wider_than_the_screen
from tests.journey.stage import DESK, PHONE, Stage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def hub(stage: Stage):
    cast = two_hubs()
    cast.hub.hostname = "localhost"
    cast.hub.save()
    open_site(cast.hub, by=system(), now=NOW)
    sync_staff(cast.hub)
    return cast


def desk(stage: Stage, path: str, **options) -> Page:
    page = stage.stranger(**options)
    page.goto("/admin/desk/")
    stage.sign_in(page, "amina@harbour.example", PASSWORD)
    page.wait_for_url("**/admin/desk/")
    page.goto(path)
    return page


def in_line(cast, several: int = 4) -> list[Placement]:
    """The first is asked, the others wait."""
    employers = [cast.employer, cast.other_employer, cast.employer, cast.other_employer]
    sessions = [
        scenes.session(scenes.opportunity(one), on=scenes.DAY + n * dt.timedelta(weeks=1))
        for n, one in enumerate(employers[:several])
    ]
    request = scenes.request(cast, sessions[0])
    rows = [brokering.hold(request, session, by=scenes.desk(cast), now=NOW) for session in sessions]
    turns.ask_in_turn(list(enumerate(rows, 1)), "", by=scenes.desk(cast), now=NOW, days=1)
    return rows


def order() -> list[int]:
    return list(Turn.objects.waiting().order_by("rank").values_list("placement", flat=True))


def drag(page: Page, grip: Locator, target: Locator, *, above: bool = True, drop: bool = True) -> None:
    """Slowly enough that what happens on the way happens."""
    grip.scroll_into_view_if_needed()
    start = grip.bounding_box()
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 14, start["y"] + 30, steps=3)
    end = target.bounding_box()
    page.mouse.move(end["x"] + 30, end["y"] + (4 if above else end["height"] - 4), steps=6)
    if drop:
        page.mouse.up()


def test_who_waits_is_dragged_to_another_place_in_line(stage, hub):
    _asked, second, third, fourth = [row.pk for row in in_line(hub)]
    page = desk(stage, f"/admin/desk/{Placement.objects.get(pk=second).request_id}/")
    last, first = page.locator(f"#line-{fourth}"), page.locator(f"#line-{second}")
    drag(page, last.locator("[data-grip]"), first, drop=False)
    expect(page.locator("[data-said]")).to_have_text("Number 2 in line")
    stage.shot(page, "line-dragged")
    page.keyboard.press("Escape")
    expect(page.locator("[data-said]")).to_have_text("Nothing was moved.")
    page.mouse.up()
    assert order() == [second, third, fourth]
    with page.expect_navigation():
        drag(page, last.locator("[data-grip]"), first)
    expect(page.get_by_text("is number 2 in line now")).to_be_visible()
    assert order() == [fourth, second, third]
    with page.expect_navigation():
        drag(page, page.locator(f"#line-{fourth}").locator("[data-grip]"), page.locator(f"#line-{third}"), above=False)
    assert order() == [second, third, fourth]
    assert stage.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_same_by_keyboard_with_scripts_and_without(stage, hub, scripts):
    _asked, second, third = [row.pk for row in in_line(hub, 3)]
    page = desk(stage, f"/admin/desk/{Placement.objects.get(pk=second).request_id}/", java_script_enabled=scripts,
                viewport=PHONE if scripts else DESK)  # fmt: skip
    assert page.locator("[data-grip]:visible").count() == (2 if scripts else 0)
    later = page.locator(f"#line-{second}").get_by_role("button", name="Later")
    later.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"#line-{second}")
    assert order() == [third, second]
    if scripts:
        nothing_is_wider_than_the_screen(page)
    stage.shot(page, "line-by-keyboard")
    page.locator(f"#line-{third}").get_by_role("button", name="Out of the line").click()
    expect(page.get_by_text("is out of the line")).to_be_visible()
    assert order() == [second]
    assert stage.complaints == []


def test_a_card_on_a_list_presses_its_button(stage, hub):
    group = scenes.group(hub.school, "10A")
    session = scenes.session(scenes.opportunity(hub.employer))
    scenes.request(hub, session, of=group)
    page = desk(stage, "/admin/desk/")
    grip = page.locator("[data-card] [data-grip]").first
    zone = page.locator("[data-drops] [data-list=held]")
    drag(page, grip, page.locator("h1"), drop=False)
    expect(zone).to_be_visible()
    expect(page.locator("[data-drops] [data-list=asked]")).to_be_hidden()
    stage.shot(page, "card-dragged")
    page.mouse.up()
    expect(page.locator("[data-said]")).to_have_text("Nothing was moved.")
    assert not Placement.objects.exists()
    drag(page, grip, page.locator("h1"), drop=False)
    box = zone.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 20, steps=5)
    with page.expect_navigation():
        page.mouse.up()
    assert Placement.objects.get().state == "held"
    # Asking an employer asks once more whether it is meant: dragging asks nobody.
    drag(page, page.locator("[data-card] [data-grip]").first, page.locator("h1"), drop=False)
    box = page.locator("[data-drops] [data-list=asked]").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 20, steps=5)
    with page.expect_navigation():
        page.mouse.up()
    assert f"/placements/{Placement.objects.get().pk}/act/offer/" in page.url
    assert Placement.objects.get().state == "held"
    assert stage.complaints == []

"""A mail that is made while what it says is changed goes as it stands after the change."""

from __future__ import annotations

import datetime as dt

import pytest

from employers.models import Site
from hubs import delivery
from hubs.models import Message
from hubs.outbox import KINDS
from hubs.post import Post
from opportunities.models import Opportunity, SessionDay
from placements.domain import amending
from placements.models import Agreement, CalendarClash, Signature
from tests import scenes
from tests.cast import NOW, actor

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)

CHANGES = {
    "place": (lambda placement: Site.objects.update(town="Newtown"), "Main works, Newtown"),
    "title": (lambda placement: Opportunity.objects.update(title="See how it is mended"), "See how it is mended"),
    "hours": (lambda placement: placement.session.days.update(starts_at=dt.time(11)), "11:00–12:00"),
    "another day": (
        lambda placement: SessionDay.objects.create(
            session=placement.session, on=scenes.DAY + 3 * DAY, starts_at=dt.time(13), ends_at=dt.time(15)
        ),
        "13:00–15:00",
    ),
}


@pytest.fixture
def changed_in_between(monkeypatch):
    """Runs a change once a mail is made and before it is handed over, the first time only."""

    def at_hand_over(change) -> None:
        waiting, honest = [change], Post.open

        def opened(post, channel="email"):
            while waiting:
                waiting.pop()()
            return honest(post, channel)

        monkeypatch.setattr(Post, "open", opened)

    return at_hand_over


@pytest.mark.parametrize("what", CHANGES)
def test_mail_made_before_a_change_says_what_stands_after_it(cast, mailoutbox, changed_in_between, what):
    placement = scenes.placement(cast, state="accepted")
    row = Message.objects.filter(kind="starts-tomorrow").order_by("pk").first()
    Message.objects.exclude(pk=row.pk).update(state="skipped")
    change, now_said = CHANGES[what]
    changed_in_between(lambda: change(placement))
    delivery.drain(lambda: row.due_at)
    assert len(mailoutbox) == 1
    assert now_said in mailoutbox[0].body


def keys(rows) -> set[tuple[str, int]]:
    return {(row._meta.model_name, row.pk) for row in rows}


def test_whatever_hangs_from_a_placement_rests_on_its_day_place_and_title(cast):
    placement = scenes.placement(cast, state="accepted")
    session, offer = placement.session, placement.session.opportunity
    below = keys([placement, session, *session.days.all(), offer, offer.site])
    own = actor(cast.coordinator, cast.hub, cast.school)
    amendment = amending.propose(placement, supervisor="Robin Ferry", reason="Away", by=own, now=NOW)
    agreement = Agreement(pk=7, placement=placement)
    clash = CalendarClash(pk=8, placement=placement)
    line = Signature(pk=9, agreement=agreement)
    for kind, row, besides in (
        ("placement-changed", placement, []),
        ("change-asked", amendment, []),
        ("signature-asked", line, [agreement]),
        ("calendar-clash", clash, []),
    ):
        assert keys(KINDS[kind].rests_on(row)) == below | keys([row, *besides]), kind


def test_wish_that_no_longer_fits_rests_on_the_session_it_is_for(cast):
    wanted = scenes.session(scenes.opportunity(cast.employer))
    wish = scenes.request(cast, wanted).wishes.get()
    clash = CalendarClash(pk=8, wish=wish)
    offer = wanted.opportunity
    assert keys(KINDS["calendar-clash"].rests_on(clash)) == keys(
        [clash, wish.request, wanted, *wanted.days.all(), offer, offer.site]
    )

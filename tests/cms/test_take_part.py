"""“We would like to take part”: what people write lands on the desk, what machines write lands nowhere."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from employers import interests
from employers.models import Contact, Employer, Interest
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, Refused
from hubs.models import Invitation, Message
from placements.worklists import worklists
from tests.cast import NOW, actor

URL = "/take-part/"
GIVEN = {
    "name": "Larkspur Print", "size": "micro", "town": "Whitby", "person": "Somebody Kind",
    "email": "hello@larkspur.example", "words": "An hour in our print room.",
}  # fmt: skip


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = NOW

    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: Clock.now)
    return Clock


@pytest.fixture
def send(client, cast, clock):
    """Load the page, wait, send."""

    def sent(*, after=dt.timedelta(seconds=20), headers=None, **more):
        seal = re.search(r'name="seal" value="([^"]+)"', client.get(URL).content.decode())[1]
        clock.now = clock.now + after
        return client.post(URL, GIVEN | {"seal": seal} | more, headers=headers)

    return sent


def test_what_somebody_writes_lands_on_the_desk(send, cast):
    answer = send()
    assert "will be in touch within two working days" in answer.content.decode()
    row = Interest.objects.get()
    assert (row.hub, row.name, row.size, row.state) == (cast.hub, "Larkspur Print", "micro", "open")
    assert [one.kind for one in Message.objects.all()] == ["interest-written"]
    waiting = next(one.items for one in worklists(cast.hub, NOW) if one.key == "interests")
    assert [one.title for one in waiting] == ["Larkspur Print"]


def test_a_machine_is_thanked_and_nothing_is_kept(send):
    assert "will be in touch" in send(website="https://spam.example").content.decode()
    assert (Interest.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("after", "why"), [(dt.timedelta(seconds=1), "very quick"), (dt.timedelta(hours=25), "open too long")]
)
def test_too_fast_and_too_late_is_told_why_and_to_press_once_more(send, client, clock, after, why):
    answer = send(after=after)
    assert f"{why}, so nothing is sent yet. Look it over, then press “Send” once more." in answer.content.decode()
    assert answer.context["form"]["name"].value() == "Larkspur Print"
    assert Interest.objects.count() == 0
    clock.now = clock.now + dt.timedelta(seconds=5)
    again = client.post(URL, GIVEN | {"seal": answer.context["form"]["seal"].value()})
    assert (again.context["form"], Interest.objects.count()) == (None, 1)


def test_no_size_is_chosen_for_anybody(send, client):
    drawn = client.get(URL).content.decode()
    assert re.search(r'<option value=""[^>]*>', drawn)
    assert 'value="sole" selected' not in drawn
    assert list(send(size="").context["form"].errors) == ["size"]


@pytest.mark.parametrize("seal", ["", "x", "x:y:z"])
def test_a_seal_of_ones_own_opens_nothing(send, seal):
    assert "once more" in send(seal=seal).content.decode()
    assert Interest.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [({"name": ""}, "name"), ({"email": "x"}, "email"), ({"size": "vast"}, "size"),
     ({"words": "http://a http://b https://c"}, "words")],
)  # fmt: skip
def test_bad_input_is_said_beside_it(send, change, field):
    assert list(send(**change).context["form"].errors) == [field]
    assert Interest.objects.count() == 0


def test_one_address_cannot_flood_the_desk(send):
    for number in range(5):
        assert send(email=f"a{number}@x.example").context["form"] is None
    assert "many at once" in send(email="b@x.example").content.decode()
    assert Interest.objects.count() == 5


def test_behind_a_proxy_people_are_told_apart_and_nobody_hides_behind_a_header(send, settings):
    for number in range(6):
        sent = send(email=f"a{number}@x.example", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    assert "many at once" in sent.content.decode()  # without a proxy the header is anybody's word
    settings.BEHIND_PROXY = True
    for number in range(6):
        forwarded = f"198.51.100.7, 203.0.113.{number}"
        assert send(email=f"b{number}@x.example", headers={"X-Forwarded-For": forwarded}).context["form"] is None
    assert Interest.objects.count() == 11


def test_an_offer_is_taken_while_the_cache_is_away(send, settings):
    settings.CACHES = {
        "default": {"BACKEND": "hubs.forgiving_cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert send().context["form"] is None
    assert Interest.objects.count() == 1


def test_the_same_person_twice_is_one_row_and_a_full_desk_says_so(send, cast, monkeypatch):
    send()
    assert send(email=GIVEN["email"].upper()).context["form"] is None
    assert (Interest.objects.count(), Message.objects.count()) == (1, 1)
    monkeypatch.setattr(interests, "MOST_WAITING", 1)
    assert "More offers are waiting" in send(email="b@x.example").content.decode()


def test_a_second_message_is_written_below_the_first(send):
    send()
    assert send(words="And a week in June.", phone="01947 1", person="Another").context["form"] is None
    for _time in range(2):  # said again it is not written again
        send(words="And a week in June.", phone="01947 2", person="Another")
    row = Interest.objects.get()
    assert (row.phone, row.person) == ("01947 1", "Somebody Kind")
    assert row.words.splitlines() == [
        "An hour in our print room.", "", "2026-09-15:", "And a week in June.", "name: Another",
        "", "2026-09-15:", "telephone: 01947 2",
    ]  # fmt: skip
    assert Message.objects.count() == 3


def test_one_row_does_not_grow_for_ever(send, monkeypatch):
    send()
    monkeypatch.setattr(interests, "MOST_WORDS", 60)
    assert "several times already" in send(words="Another idea, at some length.").content.decode()
    assert Interest.objects.get().words == GIVEN["words"]


# ---- On the desk ---------------------------------------------------------------


@pytest.fixture
def interest(cast):
    return interests.offer_to_take_part(cast.hub, {"phone": "", **GIVEN}, now=NOW)


def test_taking_it_up_makes_the_employer_and_invites_the_person(client, cast, interest):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    assert client.get(reverse("interests:inspect", args=[interest.pk])).status_code == 200
    client.post(reverse("interests:act", args=[interest.pk, "take-up"]))
    interest.refresh_from_db()
    employer = Employer.objects.get(name="Larkspur Print")
    assert (interest.state, interest.employer, employer.size) == ("taken_up", employer, "micro")
    assert Contact.objects.get(employer=employer).email == GIVEN["email"]
    invited = Invitation.objects.get()
    assert (invited.email, invited.organisation_id, invited.role) == (GIVEN["email"], employer.pk, "employer_lead")


def test_a_name_that_is_taken_is_said_and_nothing_is_made(cast, interest):
    Employer.objects.create(hub=cast.hub, name="Larkspur Print")
    assert [one.name for one in interests.alike(interest)] == ["Larkspur Print"]
    before = Employer.objects.count()
    with pytest.raises(Refused):
        interests.take_up(interest, by=actor(cast.amina, cast.hub), now=NOW)
    interest.refresh_from_db()
    assert (interest.state, Employer.objects.count(), Invitation.objects.count()) == ("open", before, 0)


def test_it_is_set_aside_with_a_reason_and_looked_at_again(cast, interest):
    desk = actor(cast.amina, cast.hub)
    with pytest.raises(Refused):
        interests.set_aside(interest, " ", by=desk, now=NOW)
    interests.set_aside(interest, "Two counties away.", by=desk, now=NOW)
    interests.reopen(interest, by=desk, now=NOW)
    assert interest.state == "open"


def test_only_the_hubs_own_staff_read_and_decide(cast, interest):
    assert not Interest.objects.visible_to(cast.employer_lead).exists()
    assert not Interest.objects.visible_to(cast.chloe).exists()
    with pytest.raises(CannotAct):
        interests.take_up(interest, by=actor(cast.ben, cast.hub), now=NOW)

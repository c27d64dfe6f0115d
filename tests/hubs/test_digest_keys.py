"""A digest is one mail for good: whatever happens to its sender or to the answer of the provider,
the same things go again under the same key, and nothing else goes under it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import pytest
from django.core import mail
from django.db import connection, transaction

from hubs import delivery, gathering, outbox
from hubs.models import Message
from hubs.post import Post
from tests.hubs.outbox_kind import GATHERED, KIND, TO, note
from tests.race import together

#: The morning after `now`, a Wednesday in summer time.
NEXT = dt.datetime(2026, 9, 16, 7, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def box(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def thing(cast, now, text, **fields) -> Message:
    return outbox.queue(GATHERED, note(cast.hub, cast.school, text, now), TO, now=now, **fields)


def things(cast, now, *texts) -> list[Message]:
    return [thing(cast, now, text) for text in texts]


def read() -> Counter[str]:
    """What a reader sees whose provider honours keys: the first mail under each, thing by thing."""
    first: dict[str, str] = {}
    for one in mail.outbox:
        first.setdefault(one.extra_headers["Message-ID"], one.body)
    return Counter(text for body in first.values() for text in re.findall(r"First & foremost: (\w+)", body))


def keys() -> set[str]:
    return {one.extra_headers["Message-ID"] for one in mail.outbox}


class Killed(BaseException):
    """The sender is gone; nobody catches it."""


def kill_after_hand_over(monkeypatch, now) -> None:
    """Send what is due with a sender that dies before it can write that down."""
    message = delivery.claim(now)
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_close", _die)
        with pytest.raises(Killed), transaction.atomic():
            delivery.deliver_one(message, now)


def _die(*args, **fields):
    raise Killed


def lose_the_answer(monkeypatch, now) -> None:
    send = Post.send

    def send_and_hear_nothing(*args):
        send(*args)
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(Post, "send", send_and_hear_nothing)
        delivery.drain(lambda: now)


LOST = {"killed": kill_after_hand_over, "no answer": lose_the_answer}


@pytest.mark.parametrize("how", LOST)
def test_digest_that_was_handed_over_goes_again_as_it_was(cast, now, monkeypatch, how):
    # The one that leads is not the oldest row: what is due first was written last.
    last = thing(cast, now, "last")
    things(cast, now, "one", "two")
    Message.objects.filter(pk=last.pk).update(due_at=NEXT + MINUTE / 6)
    LOST[how](monkeypatch, NEXT + MINUTE / 2)
    thing(cast, now, "late")
    delivery.drain(lambda: NEXT + 3 * MINUTE)
    assert sorted(one.subject[:8] for one in mail.outbox) == ["3 things", "3 things", "About la"]
    assert (len(keys()), read()) == (2, Counter(["one", "two", "last", "late"]))
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert len({one.body for one in mail.outbox}) == 2


@pytest.mark.parametrize("how", LOST)
def test_thing_that_went_alone_is_joined_by_no_other(cast, now, monkeypatch, how):
    """Under the key of the first, a second would be taken for a copy and lost."""
    thing(cast, now, "one")
    LOST[how](monkeypatch, NEXT)
    thing(cast, now, "two")
    delivery.drain(lambda: NEXT + 3 * MINUTE)
    assert (len(keys()), read()) == (2, Counter(["one", "two"]))


@pytest.mark.parametrize("poisoned", ["one", "two"])
def test_thing_left_behind_goes_under_a_key_of_its_own(cast, now, poisoned):
    """Also when it is the one whose key the digest bears."""
    rows = dict(zip(("one", "two", "three"), things(cast, now, "one", "two", "three"), strict=True))
    subject = outbox.subject_of(rows[poisoned])
    type(subject).objects.filter(pk=subject.pk).update(text="poison")
    delivery.drain(lambda: NEXT)
    type(subject).objects.filter(pk=subject.pk).update(text=poisoned)
    delivery.drain(lambda: NEXT + 2 * MINUTE)
    assert (len(mail.outbox), len(keys()), read()) == (2, 2, Counter(["one", "two", "three"]))


def test_digest_of_which_something_is_settled_meanwhile_keeps_its_key(cast, now, monkeypatch):
    rows = things(cast, now, "one", "two", "three")
    kill_after_hand_over(monkeypatch, NEXT)
    type(outbox.subject_of(rows[0])).objects.filter(text="one").update(text="stale")
    delivery.drain(lambda: NEXT + 3 * MINUTE)
    assert ([one.subject[:8] for one in mail.outbox], len(keys())) == (["3 things", "2 things"], 1)
    assert read() == Counter(["one", "two", "three"])


def test_digest_in_the_hands_of_another_is_passed_over_whole(cast, now, monkeypatch):
    """A row of it alone, under the key of all, would hide the others."""
    _first, second = things(cast, now, "one", "two")
    delivery.claim(NEXT)
    other = outbox.queue(KIND, note(cast.hub, cast.school, "other", now), TO, now=now, due_at=NEXT + MINUTE)
    Message.objects.filter(pk=second.pk).update(leased_until=NEXT + 10 * MINUTE)
    assert [delivery.claim(NEXT + 2 * MINUTE), delivery.claim(NEXT + 2 * MINUTE)] == [other, None]
    again = delivery.claim(NEXT + 11 * MINUTE)
    assert Message.objects.filter(lease=again.lease).count() == 2


def claim_all(claim, count: int) -> list[tuple[str, frozenset[int]]]:
    taken = []
    for _try in range(count):
        while (message := claim(NEXT + 2 * MINUTE)) is not None:
            held = Message.objects.filter(lease=message.lease).values_list("pk", flat=True)
            taken.append((message.digest, frozenset(held)))
    return taken


def race(cast, now) -> list[tuple[str, frozenset[int]]]:
    """Twelve digests of three whose sender died, and four senders who look for them at once."""
    for number in range(12):
        to = TO._replace(address=f"reader{number}@quayside.example")
        for text in ("one", "two", "three"):
            outbox.queue(GATHERED, note(cast.hub, cast.school, text, now), to, now=now)
    while delivery.claim(NEXT):
        pass
    results = together(*[lambda: claim_all(delivery.claim, 20)] * 4)
    assert [found for found in results if isinstance(found, Exception)] == []
    return [one for found in results for one in found]


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_senders_at_once_never_take_a_digest_apart(cast, now):
    taken = race(cast, now)
    assert {len(pks) for _key, pks in taken} == {3}
    assert (len(taken), len({key for key, _pks in taken})) == (12, 12)


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_senders_content_with_what_is_free_do_take_it_apart(cast, now, monkeypatch):
    """The negative control: without asking for the whole, the race above is real."""
    assert connection.vendor == "postgresql"
    monkeypatch.setattr(gathering, "whole", lambda message, found: True)
    for _round in range(5):
        if {len(pks) for _key, pks in race(cast, now)} != {3}:
            return
        Message.objects.all().delete()
    pytest.fail("no digest was ever taken apart")

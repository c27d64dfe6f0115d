"""Two who put the same records together at once, and one who writes to a record while it goes."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections, transaction

from employers.models import Contact, Employer
from placements.domain import merging
from placements.domain.merging import CannotMerge, gather_stragglers, merge
from tests.cast import NOW, actor
from tests.race import together

pytestmark = [
    pytest.mark.needs_postgresql,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def each_into_the_other(cast) -> tuple[list, int]:
    """What both calls came to, and how many records are put away after."""
    desk, gate = actor(cast.amina, cast.hub), threading.Barrier(2)
    pair = (cast.employer.pk, cast.other_employer.pk)

    def put(stays: int, goes: int):
        rows = [Employer.objects.select_related("hub").get(pk=pk) for pk in (stays, goes)]
        gate.wait(timeout=10)
        return merge(*rows, by=desk, now=NOW)

    found = together(lambda: put(*pair), lambda: put(*reversed(pair)))
    return found, Employer.objects.exclude(merged_into=None).count()


def test_of_two_who_put_each_into_the_other_one_is_refused(cast):
    found, put_away = each_into_the_other(cast)
    assert put_away == 1
    assert sorted(isinstance(one, CannotMerge) for one in found) == [False, True]


def test_without_the_lock_nobody_would_be_refused(cast, monkeypatch):
    """The control: whoever looks before the other has written sees two whole records, and goes on until both are put
    away or the database ends one of them for a deadlock."""
    looked = threading.Barrier(2)
    check = merging.check_pair

    def look(*pair, **how):
        check(*pair, **how)
        looked.wait(timeout=10)

    monkeypatch.setattr(merging, "_hold", lambda stays, goes: None)
    monkeypatch.setattr(merging, "check_pair", look)
    found, _put_away = each_into_the_other(cast)
    assert [one for one in found if isinstance(one, CannotMerge)] == []


def test_who_writes_while_it_goes_is_gathered_after(cast):
    """The control stands first: merging alone cannot see what is not committed yet."""
    written, merged = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            Contact.objects.create(hub=cast.hub, employer=cast.other_employer, name="Late")
            written.set()
            merged.wait(timeout=20)

    writer = threading.Thread(target=lambda: (write(), connections.close_all()))
    writer.start()
    written.wait(timeout=20)
    merge(cast.employer, cast.other_employer, by=actor(cast.amina, cast.hub), now=NOW)
    merged.set()
    writer.join(timeout=20)
    assert Contact.objects.get().employer_id == cast.other_employer.pk
    gather_stragglers(NOW + dt.timedelta(minutes=5))
    assert Contact.objects.get().employer_id == cast.employer.pk

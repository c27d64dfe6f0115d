"""Two people at one school's calendar at the same moment."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from hubs.errors import Refused
from schools.domain import edits
from schools.models import Term
from tests.cast import NOW, actor, two_hubs
from tests.racing import race

D = dt.date
SPANS = [(D(2026, 9, day), D(2026, 10, 20 + day)) for day in range(1, 7)]


@pytest.fixture
def cast(transactional_db):
    return two_hubs()


def test_racing_terms_never_overlap(cast):
    by = actor(cast.coordinator, cast.hub, cast.school)

    def save(first, last):
        try:
            values = {"name": f"Term {first}", "starts_on": first, "ends_on": last}
            edits.save_term(cast.school, values, by=by, now=NOW)
        except Refused:
            return "refused"
        return "saved"

    assert race([lambda s=span: save(*s) for span in SPANS]) == ["refused"] * 5 + ["saved"]
    assert Term.objects.count() == 1


def test_racing_terms_without_the_lock_overlap(cast):
    """The negative control: everybody looks before anybody has written."""
    looked = threading.Barrier(len(SPANS))

    def save(first, last):
        clash = Term.objects.filter(school=cast.school, starts_on__lte=last, ends_on__gte=first).exists()
        looked.wait()
        if clash:
            return "refused"
        Term.objects.create(hub=cast.hub, school=cast.school, name="Term", starts_on=first, ends_on=last)
        return "saved"

    assert race([lambda s=span: save(*s) for span in SPANS]) == ["saved"] * 6
    assert Term.objects.count() == 6

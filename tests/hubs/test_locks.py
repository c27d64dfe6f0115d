"""What a statement that locks may be believed about: the locked rows, and nothing beside them."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction
from django.db.models import OuterRef, Subquery

from hubs.locks import lock_and_read
from hubs.models import Hub, Invitation
from hubs.moves import lock_state
from tests.cast import NOW, two_hubs
from tests.hubs.test_moves import make_invitation

pytestmark = pytest.mark.needs_postgresql


@pytest.fixture
def invitation(transactional_db, django_db_serialized_rollback):
    return make_invitation(two_hubs(), NOW)


def meanwhile(read, change):
    """What `read` finds that had to wait until `change`, made before by somebody else, was committed."""
    begun, found = threading.Event(), []

    def waiter():
        try:
            with transaction.atomic():
                begun.set()
                found.append(read())
        finally:
            connections.close_all()

    thread = threading.Thread(target=waiter)
    with transaction.atomic():
        change()
        thread.start()
        begun.wait(timeout=10)
        wait_until_somebody_waits()
    thread.join(timeout=30)
    return found[0]


def wait_until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _try in range(200):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("nobody waits: the row is not locked")


def revoke() -> None:
    Invitation.objects.update(state="revoked")
    Hub.objects.update(name="Renamed meanwhile")


def test_lock_state_reads_what_it_waited_for(invitation):
    def read():
        lock_state(invitation)
        return invitation.state

    assert meanwhile(read, revoke) == "revoked"


def test_locked_rows_are_read_as_they_were_left(invitation):
    assert meanwhile(lambda: lock_and_read(Invitation.objects.all())[0].state, revoke) == "revoked"


def test_a_row_that_is_none_of_them_any_more_is_left_out(invitation):
    assert meanwhile(lambda: lock_and_read(Invitation.objects.filter(state="open")), revoke) == []


def test_what_stands_beside_a_locked_row_is_stale(invitation):
    """The negative control, and why the check is a second statement: what is asked beside the locked row was
    answered before the wait."""
    names = Hub.objects.filter(pk=OuterRef("hub")).values("name")

    def read():
        (row,) = lock_and_read(Invitation.objects.annotate(hub_name=Subquery(names)))
        return row.state, row.hub_name, Hub.objects.get(pk=row.hub_id).name

    assert meanwhile(read, revoke) == ("revoked", "Harbour Careers Hub", "Renamed meanwhile")

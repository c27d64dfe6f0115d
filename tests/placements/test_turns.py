"""Employers asked one after the other: whose turn it is, who is passed over, and that no two are asked by mistake."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.urls import reverse

from hubs import delivery
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.models import LogEntry, Message
from placements.domain import answers, asking, brokering, capacity, jobs, turns
from placements.models import Placement, Turn
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.test_surplus import lead, states
from tests.race import together

WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def held(cast) -> list[Placement]:
    """One request held for six with two employers and, a week later, again with the first."""
    offers = [scenes.opportunity(one) for one in (cast.employer, cast.other_employer, cast.employer)]
    sessions = [scenes.session(offer, on=scenes.DAY + n * WEEK) for n, offer in enumerate(offers)]
    request = scenes.request(cast, sessions[0])
    return [brokering.hold(request, session, by=scenes.desk(cast), now=NOW) for session in sessions]


def line_up(cast, rows, *ranks: int, message: str = "Can you?", **how) -> None:
    fresh = [Placement.objects.get(pk=row.pk) for row in rows]
    ranked = list(zip(ranks or range(1, len(rows) + 1), fresh, strict=True))
    turns.ask_in_turn(ranked, message, by=scenes.desk(cast), now=NOW, **how)


def after_answer_by(row) -> dt.datetime:
    return Placement.objects.get(pk=row.pk).answer_by + dt.timedelta(minutes=1)


def test_the_first_is_asked_and_the_others_stay_held_until_their_turn(cast, held):
    line_up(cast, held)
    assert states(held) == ["offered", "held", "held"]
    for before, row in enumerate(held[1:], 1):
        until = Placement.objects.get(pk=row.pk).held_until
        assert until == brokering.closing(cast.hub, before * 5 + turns.SLACK, NOW)
    assert capacity.recount() == []
    assert turns.go_on_due(NOW + dt.timedelta(days=2)) == 0
    assert jobs.release_expired_holds(after_answer_by(held[0])) == 0


def test_a_line_behind_somebody_asked_before_is_held_until_it_begins(cast, held):
    asking.offer_all([Placement.objects.get(pk=held[0].pk)], "", by=scenes.desk(cast), now=NOW)
    line_up(cast, held[1:])
    late, pressed_twice = after_answer_by(held[0]), Placement.objects.get(pk=held[1].pk)
    assert (jobs.release_expired_holds(late), turns.go_on_due(late)) == (0, 1)
    assert states(held)[1:] == ["offered", "held"]
    with pytest.raises(Refused, match="Something changed meanwhile"):
        turns.ask_in_turn([(1, pressed_twice)], "", by=scenes.desk(cast), now=late)


def test_a_no_makes_it_the_next_ones_turn_with_the_same_words_once(cast, held):
    line_up(cast, held)
    answers.decline(Placement.objects.get(pk=held[0].pk), "Stocktaking", by=lead(cast, cast.employer), now=NOW)
    assert (turns.go_on_due(NOW), turns.go_on_due(NOW)) == (1, 0)
    assert states(held) == ["declined", "offered", "held"]
    asked = Message.objects.filter(kind="placement-offered", organisation=cast.other_employer)
    assert [row.facts["message"] for row in asked] == ["Can you?"]
    assert list(Turn.objects.order_by("rank").values_list("words", flat=True)) == ["", "", "Can you?"]
    entry = LogEntry.objects.about(held[1]).get(verb="offered")
    assert entry.hat == "system"


def test_who_does_not_answer_in_time_is_told_and_the_next_is_asked(cast, held):
    line_up(cast, held, days=2)
    late = after_answer_by(held[0])
    assert turns.go_on_due(late) == 1
    assert states(held) == ["withdrawn", "offered", "held"]
    assert Placement.objects.get(pk=held[0].pk).ended_because == "no_answer"
    assert Message.objects.filter(kind="placement-withdrawn", organisation=cast.employer).exists()
    with pytest.raises(CannotMove):
        answers.accept(Placement.objects.get(pk=held[0].pk), by=lead(cast, cast.employer), now=late)
    assert capacity.recount() == []


def test_nothing_is_taken_back_from_the_last_in_line(cast, held):
    line_up(cast, held[:1])
    assert turns.go_on_due(after_answer_by(held[0])) == 0
    assert states(held[:1]) == ["offered"]


def test_a_yes_frees_the_places_of_all_who_are_still_in_line(cast, held):
    line_up(cast, held)
    answers.accept(Placement.objects.get(pk=held[0].pk), by=lead(cast, cast.employer), now=NOW)
    assert states(held) == ["bound", "released", "released"]
    assert turns.go_on_due(NOW + dt.timedelta(days=30)) == 0


def test_those_of_one_number_are_asked_together_and_told_so(cast, held):
    line_up(cast, held, 3, 3, 7)
    assert states(held) == ["offered", "offered", "held"]
    told = Message.objects.filter(kind="placement-offered").values_list("facts__several", flat=True)
    assert set(told) == {True}
    assert list(Turn.objects.order_by("pk").values_list("rank", flat=True)) == [1, 1, 2]


def test_the_line_is_made_anew_while_the_first_is_still_asked(cast, held):
    line_up(cast, held)
    line_up(cast, [held[2], held[1]])
    assert states(held) == ["offered", "held", "held"]
    answers.decline(Placement.objects.get(pk=held[0].pk), "No", by=lead(cast, cast.employer), now=NOW)
    turns.go_on_due(NOW)
    assert states(held) == ["declined", "held", "offered"]


def test_a_quota_holds_in_line_too_and_the_hub_reads_who_was_passed_over(cast, held):
    line_up(cast, held)
    type(cast.employer).objects.filter(pk=cast.other_employer.pk).update(wants_asking_per_month=0)
    answers.decline(Placement.objects.get(pk=held[0].pk), "No", by=lead(cast, cast.employer), now=NOW)
    assert turns.go_on_due(NOW) == 2
    assert states(held) == ["declined", "released", "offered"]
    assert Placement.objects.get(pk=held[1].pk).ended_because == "passed_over"
    row = Message.objects.get(kind="turn-passed-over")
    assert (row.subject_id, row.facts["refusal"]) == (held[1].pk, "asked_enough")


def test_when_all_the_rest_are_passed_over_a_late_answer_still_counts(cast, held):
    line_up(cast, held[:2])
    type(cast.employer).objects.filter(pk=cast.other_employer.pk).update(wants_asking_per_month=0)
    turns.go_on_due(after_answer_by(held[0]))
    assert states(held[:2]) == ["offered", "released"]


def test_a_first_who_is_asked_enough_is_refused_and_nobody_is_in_line(cast, held):
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(wants_asking_per_month=0)
    with pytest.raises(asking.CannotAsk):
        line_up(cast, held)
    assert (states(held), Turn.objects.count()) == (["held"] * 3, 0)
    line_up(cast, held, even_so=True)
    assert states(held) == ["offered", "held", "held"]


def test_a_session_that_may_have_begun_before_its_turn_is_no_place_in_line(cast, held):
    with pytest.raises(Refused, match="may have begun before its turn comes"):
        line_up(cast, [held[1], held[2], held[0]], days=20)
    assert Turn.objects.count() == 0


def test_of_two_requests_or_by_the_school_there_is_no_line(cast, held):
    other = scenes.placement(cast, of=scenes.group(cast.school, "10Z"))
    with pytest.raises(Refused, match="for one request"):
        line_up(cast, [held[0], other])
    with pytest.raises(Refused, match="Tick at least one"):
        line_up(cast, [])
    with pytest.raises(CannotAct):
        turns.ask_in_turn([(1, held[0])], "", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)


def test_what_was_given_back_meanwhile_is_not_put_in_line(cast, held):
    stale = Placement.objects.get(pk=held[1].pk)
    brokering.release(held[1], by=scenes.desk(cast), now=NOW)
    with pytest.raises(Refused, match="Something changed meanwhile"):
        turns.ask_in_turn([(1, held[0]), (2, stale)], "", by=scenes.desk(cast), now=NOW)
    assert states(held) == ["held", "released", "held"]


# ---- At the same moment ------------------------------------------------------------------


def two_runs(cast, held) -> None:
    line_up(cast, held)
    answers.decline(Placement.objects.get(pk=held[0].pk), "No", by=lead(cast, cast.employer), now=NOW)
    together(lambda: turns.go_on_due(NOW), lambda: turns.go_on_due(NOW))


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_runs_at_once_ask_one(cast, held):
    two_runs(cast, held)
    assert states(held) == ["declined", "offered", "held"]


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_locks_two_runs_ask_two(cast, held, monkeypatch):
    """The negative control: both have seen that nobody is asked before either asks."""
    both, honest, first = threading.Barrier(2), turns._still_asked, turns._first
    asked_once = threading.Event()

    def still(request, now):
        found = honest(request, now)
        both.wait(timeout=10)
        return found

    def one_by_one(request):
        if both.n_waiting == 0 and threading.current_thread().name.endswith("run)") and not asked_once.is_set():
            asked_once.set()
            return first(request)
        threading.Event().wait(1)  # until the other run has committed
        return first(request)

    line_up(cast, held)
    answers.decline(Placement.objects.get(pk=held[0].pk), "No", by=lead(cast, cast.employer), now=NOW)
    monkeypatch.setattr(turns, "_lock", lambda request, employers: None)
    monkeypatch.setattr(turns, "_still_asked", still)
    monkeypatch.setattr(turns, "_first", one_by_one)
    together(lambda: turns.go_on_due(NOW), lambda: turns.go_on_due(NOW))
    assert states(held) == ["declined", "offered", "offered"]


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_yes_at_the_last_moment_and_the_next_turn_never_both_hold(cast, held):
    line_up(cast, held)
    late = after_answer_by(held[0])
    results = together(
        lambda: answers.accept(Placement.objects.get(pk=held[0].pk), by=lead(cast, cast.employer), now=late),
        lambda: turns.go_on_due(late),
    )
    assert states(held) in (["bound", "released", "released"], ["withdrawn", "offered", "held"]), results
    assert capacity.recount() == []


# ---- The pages ---------------------------------------------------------------------------


def test_the_desk_puts_them_in_line(cast, held, client, office):
    client.force_login(cast.amina)
    numbers = {f"turn-{held[0].pk}": 2, f"turn-{held[1].pk}": 1, f"turn-{held[2].pk}": ""}
    sent = {"placements": [row.pk for row in held], "words": "plain", "how": "in-turn", "days": 3, **numbers}
    page = reverse("desk:request", args=[held[0].request_id])
    assert "3 employers are in line" in client.post(
        reverse("desk:ask", args=[held[0].request_id]), sent, follow=True
    ).content.decode()  # fmt: skip
    assert states(held) == ["held", "offered", "held"]
    assert "number 2 in line" in client.get(page).content.decode()
    said = client.post(reverse("desk:ask", args=[held[0].request_id]), {**sent, "days": 0}, follow=True)
    assert "Write the working days to answer as 1 to 20." in said.content.decode()
    sent[f"turn-{held[0].pk}"] = "first"
    said = client.post(reverse("desk:ask", args=[held[0].request_id]), sent, follow=True)
    assert "Something changed meanwhile" not in said.content.decode()
    assert "Number the employers from 1 to 99" in said.content.decode()


def test_one_of_several_is_told_in_the_mail_and_why_it_is_over(cast, held, mailoutbox):
    asking.offer_all(held[:2], "", by=scenes.desk(cast), now=NOW)
    answers.accept(Placement.objects.get(pk=held[0].pk), by=lead(cast, cast.employer), now=NOW)
    Message.objects.exclude(kind__in=["placement-withdrawn"]).delete()
    delivery.drain(lambda: NOW + dt.timedelta(days=1))
    (mail,) = mailoutbox
    assert "Another employer said yes a moment before" in mail.body
    assert "found_elsewhere" not in mail.body


# ---- Earlier, later, out ------------------------------------------------------------------


def waiting(rows) -> list[tuple[int, int]]:
    """(which of the rows, rank) of those that wait, in order."""
    keys = [row.pk for row in rows]
    found = Turn.objects.waiting().order_by("rank", "pk").values_list("placement", "rank")
    return [(keys.index(pk), rank) for pk, rank in found]


def put(cast, row, before=None, *, by=None, now=NOW) -> None:
    fresh = Placement.objects.get(pk=row.pk)
    turns.put_before(fresh, before and Placement.objects.get(pk=before.pk), by=by or scenes.desk(cast), now=now)


def test_one_is_put_before_another_and_its_hold_lasts_until_its_new_turn(cast, held):
    line_up(cast, held)
    before = Placement.objects.get(pk=held[1].pk).held_until
    put(cast, held[1])
    put(cast, held[1])
    assert waiting(held) == [(2, 2), (1, 3)]
    asked_until = Placement.objects.get(pk=held[0].pk).answer_by
    until = Placement.objects.get(pk=held[1].pk).held_until
    assert until == brokering.closing(cast.hub, 5 + turns.SLACK, asked_until) > before
    put(cast, held[1], held[2])
    assert waiting(held) == [(1, 2), (2, 3)]
    answers.decline(Placement.objects.get(pk=held[0].pk), "No", by=lead(cast, cast.employer), now=NOW)
    turns.go_on_due(NOW)
    assert states(held) == ["declined", "offered", "held"]


def test_whoever_is_asked_together_is_parted_and_nobody_comes_between_others(cast, held):
    more = brokering.hold(held[0].request, scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY + 3 * WEEK),
                          by=scenes.desk(cast), now=NOW)  # fmt: skip
    rows = [*held, more]
    line_up(cast, rows, 1, 2, 2, 3)
    assert waiting(rows) == [(1, 2), (2, 2), (3, 3)]
    put(cast, rows[3], rows[2])
    assert waiting(rows) == [(3, 2), (1, 3), (2, 3)]
    put(cast, rows[1], rows[2])
    assert waiting(rows) == [(3, 2), (1, 3), (2, 4)]


def test_who_leaves_the_line_keeps_the_places_and_is_not_asked(cast, held):
    line_up(cast, held)
    turns.leave_line(Placement.objects.get(pk=held[1].pk), by=scenes.desk(cast), now=NOW)
    assert (waiting(held), states(held)) == ([(2, 2)], ["offered", "held", "held"])
    answers.decline(Placement.objects.get(pk=held[0].pk), "No", by=lead(cast, cast.employer), now=NOW)
    turns.go_on_due(NOW)
    assert states(held) == ["declined", "held", "offered"]


def test_a_place_in_line_behind_the_beginning_of_the_session_is_refused(cast, held):
    line_up(cast, held, days=10)
    with pytest.raises(Refused, match="may have begun before its turn comes"):
        line_up(cast, [held[2], held[1]], days=20)
    Placement.objects.filter(pk=held[0].pk).update(answer_by=held[1].session.starts_at - dt.timedelta(days=9))
    with pytest.raises(Refused, match="may have begun before its turn comes"):
        put(cast, held[1])
    assert waiting(held) == [(1, 2), (2, 3)]


def test_only_the_hub_moves_the_line_and_only_those_who_wait_are_moved(cast, held):
    line_up(cast, held)
    school = actor(cast.coordinator, cast.hub, cast.school)
    with pytest.raises(CannotAct, match="Only the hub decides who is asked when"):
        put(cast, held[1], by=school)
    with pytest.raises(CannotAct):
        turns.leave_line(held[1], by=school, now=NOW)
    for move in (lambda: put(cast, held[0]), lambda: put(cast, held[1], held[0])):
        with pytest.raises(Refused, match="This employer waits in line no more"):
            move()
    with pytest.raises(Refused, match="This employer waits in line no more"):
        turns.leave_line(Placement.objects.get(pk=held[0].pk), by=scenes.desk(cast), now=NOW)


def test_the_desk_moves_the_line(cast, held, client, office):
    line_up(cast, held)
    client.force_login(cast.amina)
    page, line = (reverse(name, args=[held[0].request_id]) for name in ("desk:request", "desk:line"))
    shown = client.get(page).content.decode()
    assert (shown.count(">Earlier<"), shown.count(">Later<"), shown.count(">Out of the line<")) == (1, 1, 2)
    sent = {"placement": held[2].pk, "before": held[1].pk}
    assert client.post(line, sent)["Location"] == f"{page}#line-{held[2].pk}"
    assert waiting(held) == [(2, 2), (1, 3)]
    assert "is number 3 in line now" in client.post(
        line, {"placement": held[2].pk, "before": ""}, follow=True
    ).content.decode()  # fmt: skip
    for wrong in ({"placement": "x"}, {"placement": held[2].pk, "before": 987654321}, {"placement": held[0].pk}):
        said = client.post(line, wrong, follow=True).content.decode()
        assert "Look at the line again." in said
    said = client.post(line, {"placement": held[2].pk, "out": "1"}, follow=True).content.decode()
    assert "is out of the line. The places stay held." in said
    assert client.post(line, {"placement": 987654321}).status_code == 404
    client.force_login(cast.ben)
    assert ">Earlier<" not in client.get(page).content.decode()
    assert client.post(line, sent).status_code == 403
    assert waiting(held) == [(1, 2)]

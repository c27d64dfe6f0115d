"""What every API endpoint shares: scope, the acting organisation, keys, problems."""

from __future__ import annotations

import pytest
from django.urls import path
from rest_framework.response import Response
from rest_framework.test import APIClient

from config.urls import urlpatterns as real
from hubs import log
from hubs.api import ScopedViewSet, idempotent
from hubs.errors import CannotBegin
from hubs.models import ApiToken, IdempotencyRecord, LogEntry, Organisation
from tests.cast import join


class Organisations(ScopedViewSet):
    """A stand-in endpoint: lists, shows, and notes something in the log."""

    model = Organisation

    def list(self, request):
        return Response([row.name for row in self.paginate_queryset(self.get_queryset())])

    def retrieve(self, request, pk):
        return Response(self.get_object().name)

    @idempotent
    def note(self, request, pk):
        row = self.get_object()
        if request.data.get("refuse"):
            raise CannotBegin("Something comes first.", waits_for="consent")
        entry = log.record(row, "noted", by=self.actor, now=request.now, text=request.data.get("text", ""))
        return Response({"entry": entry.pk}, status=201)


urlpatterns = [
    path("api/v1/organisations/", Organisations.as_view({"get": "list"})),
    path("api/v1/organisations/<int:pk>/", Organisations.as_view({"get": "retrieve"})),
    path("api/v1/organisations/<int:pk>/notes/", Organisations.as_view({"post": "note"})),
    *real,
]

pytestmark = pytest.mark.urls(__name__)
LIST = "/api/v1/organisations/"


@pytest.fixture
def api():
    return APIClient()


def notes(row) -> str:
    return f"{LIST}{row.pk}/notes/"


def test_list_is_scoped_to_person_and_hub(cast, api):
    join(cast.employer_lead, cast.hub_b, "employer_lead", cast.employer_b)
    seen = {}
    for who in ("amina", "ben", "coordinator", "employer_lead"):
        api.force_authenticate(getattr(cast, who))
        seen[who] = len(api.get(LIST).json())
    assert seen == {"amina": 4, "ben": 4, "coordinator": 1, "employer_lead": 1}


def test_people_of_another_hub_find_nothing_at_this_address(cast, api):
    api.force_authenticate(cast.chloe)
    assert (api.get(LIST).status_code, api.post(LIST, {}).status_code) == (404, 404)


def test_a_viewer_is_told_so_before_what_was_sent_is_looked_at(cast, api):
    api.force_authenticate(cast.ben)
    assert (api.get(LIST).status_code, api.post(LIST, {"nonsense": 1}).status_code) == (200, 403)


def test_a_viewer_who_is_of_an_employer_too_may_act_for_it(cast, api):
    join(cast.ben, cast.hub, "employer_lead", cast.employer)
    api.force_authenticate(cast.ben)
    assert api.post(LIST, {"nonsense": 1}).status_code != 403


def test_an_address_that_is_no_hub_s_is_404(cast, api):
    api.force_authenticate(cast.amina)
    assert api.get(LIST, headers={"host": "nobody.localhost"}).status_code == 404


def test_nobody_is_asked_to_authenticate(cast, api):
    response = api.get(LIST)
    assert (response.status_code, response["Content-Type"], response["WWW-Authenticate"]) == (
        401,
        "application/problem+json",
        "Bearer",
    )


def test_token_opens_what_its_owner_sees(cast, api):
    _token, secret = ApiToken.objects.create(user=cast.coordinator, name="export")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert api.get(LIST).json() == ["Quayside School"]
    cast.coordinator.is_active = False
    cast.coordinator.save()
    assert api.get(LIST).status_code == 401


def test_row_of_a_stranger_is_404_as_a_problem(cast, api):
    api.force_authenticate(cast.coordinator)
    response = api.get(f"{LIST}{cast.other_school.pk}/")
    assert response.json() == {
        "type": "urn:throughline:not_found",
        "title": "There is nothing here that you may see.",
        "status": 404,
        "code": "not_found",
    }


# ---- Who acts ------------------------------------------------------------------
def test_member_of_one_organisation_acts_for_it(cast, api):
    api.force_authenticate(cast.coordinator)
    assert api.post(notes(cast.school), {}, format="json").status_code == 201
    entry = LogEntry.objects.get()
    assert (entry.hat, entry.via, entry.on_behalf_of) == ("coordinator", "api", None)


def test_member_of_several_names_one(cast, api):
    join(cast.coordinator, cast.hub, "employer_member", cast.employer)
    api.force_authenticate(cast.coordinator)
    response = api.post(notes(cast.school), {}, format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["Throughline-Organisation"])
    named = {"Throughline-Organisation": str(cast.employer.pk)}
    assert api.post(notes(cast.school), {}, format="json", headers=named).status_code == 201
    assert LogEntry.objects.get().hat == "employer_member"


def test_hub_staff_act_on_behalf_when_they_name_one(cast, api):
    api.force_authenticate(cast.amina)
    named = {"Throughline-Organisation": str(cast.school.pk)}
    api.post(notes(cast.school), {}, format="json", headers=named)
    api.post(notes(cast.school), {}, format="json")
    organisation = cast.school.organisation_ptr
    assert [e.on_behalf_of for e in LogEntry.objects.order_by("pk")] == [organisation, None]


@pytest.mark.parametrize(("header", "status"), [("other", 404), ("foreign", 404), ("words", 400), ("power", 400)])
def test_naming_somebody_elses_organisation_is_refused(cast, api, header, status):
    value = {"other": cast.other_school.pk, "foreign": cast.school_b.pk, "words": "Quayside", "power": "²"}[header]
    api.force_authenticate(cast.coordinator)
    named = {"Throughline-Organisation": str(value)}
    assert api.post(notes(cast.school), {}, format="json", headers=named).status_code == status
    assert LogEntry.objects.count() == 0


# ---- Idempotency ---------------------------------------------------------------
def keyed(api, row, key="k1", **data):
    return api.post(notes(row), data, format="json", headers={"Idempotency-Key": key})


def test_same_key_gives_the_first_answer_and_changes_nothing(cast, api):
    api.force_authenticate(cast.coordinator)
    first, again = keyed(api, cast.school, text="a"), keyed(api, cast.school, text="a")
    assert (again.status_code, again.json(), again["Idempotent-Replay"]) == (201, first.json(), "true")
    assert LogEntry.objects.count() == 1
    assert keyed(api, cast.school, key="k2", text="a").json() != first.json()
    assert LogEntry.objects.count() == 2


def test_same_key_for_another_call_is_422(cast, api):
    api.force_authenticate(cast.coordinator)
    keyed(api, cast.school, text="a")
    response = keyed(api, cast.school, text="b")
    assert (response.status_code, response.json()["code"]) == (422, "key_reused")
    assert LogEntry.objects.count() == 1


def test_key_belongs_to_one_person(cast, api):
    api.force_authenticate(cast.coordinator)
    keyed(api, cast.school, text="a")
    api.force_authenticate(cast.school_member)
    assert "Idempotent-Replay" not in keyed(api, cast.school, text="a")
    assert LogEntry.objects.count() == 2


def test_refused_call_leaves_its_key_free(cast, api):
    api.force_authenticate(cast.coordinator)
    response = keyed(api, cast.school, refuse=True)
    assert response.json() == {
        "type": "urn:throughline:not_ready",
        "title": "Something comes first.",
        "status": 409,
        "code": "not_ready",
        "waits_for": "consent",
    }
    assert (IdempotencyRecord.objects.count(), LogEntry.objects.count()) == (0, 0)


def test_overlong_key_is_refused(cast, api):
    api.force_authenticate(cast.coordinator)
    assert keyed(api, cast.school, key="k" * 81).status_code == 400


def test_throttle_says_when_to_come_back(cast, api, monkeypatch):
    monkeypatch.setattr("rest_framework.throttling.UserRateThrottle.rate", "1/min", raising=False)
    api.force_authenticate(cast.coordinator)
    assert api.get(LIST).status_code == 200
    response = api.get(LIST)
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60

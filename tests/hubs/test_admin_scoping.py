"""Nobody sees or changes another hub's rows through the back office: every route is walked."""

from __future__ import annotations

import re

import pytest
from django.urls import URLPattern, reverse
from django.urls.exceptions import NoReverseMatch
from wagtail.admin import urls as admin_urls
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.viewsets import viewsets

from hubs.domain.staff import sync_staff
from hubs.gate import FOR_ALL, FOR_EDITORS, opened
from hubs.models import LogEntry
from hubs.viewsets import HubViewSet
from tests.cast import join
from tests.hubs import admin_world
from tests.hubs.admin_world import CANARY

FELLS = "fells.localhost"
#: In every name of hub B and never typed by a test, so that an echo of the search is no leak.
LEAK = CANARY.partition(" ")[2]


@pytest.fixture
def world(cast, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return admin_world.build(cast)


def admin_routes() -> list[tuple[str, URLPattern]]:
    """(name, pattern) of every named route below /admin/."""
    return list(_walk(admin_urls.urlpatterns, ""))


def _walk(patterns, namespace):
    for one in patterns:
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{namespace}{one.name}", one
        else:
            yield from _walk(one.url_patterns, f"{namespace}{one.namespace}:" if one.namespace else namespace)


#: Wagtail's own sign-in and account pages: the product's answer instead.
SHADOWED = frozenset({"wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_account"})


#: A value of hub B for every kind of argument a route has.
def foreign(world, name: str, argument: str):
    b, page = world.b, world.b["page"].pk
    namespace = name.partition(":")[0]
    if argument == "pk":
        kinds = {"wagtailimages_chooser": "image", "wagtaildocs_chooser": "document", "log": None}
        if namespace == "log":
            return LogEntry.objects.filter(hub=world.cast.hub_b).first().pk
        if namespace == "requirements":
            return 10**6
        row = b.get(kinds.get(namespace, namespace))
        return row.pk if row else page
    return {
        "page_id": page, "parent_page_id": page, "page_to_move_id": page, "destination_id": page, "page_pk": page,
        "image_id": b["image"].pk, "document_id": b["document"].pk, "doc_id": b["document"].pk,
        "collection_id": world.cast.hub_b.collection_id, "object_id": page, "app_label": "wagtailcore",
        "model_name": "page", "content_type_app_name": "wagtailcore", "content_type_model_name": "page",
        "app_name": "wagtailcore", "action_name": "approve", "action": "delete", "filter_spec": "width-10",
        "verb": "publish", "uidb64": "x", "token": "y",
    }.get(argument, 1)  # fmt: skip


def foreign_urls(world) -> dict[str, str]:
    """A URL for every named route, with hub B's ids wherever the route names a row."""
    urls = {}
    for name, pattern in admin_routes():
        if name in SHADOWED:
            continue
        arguments = list(pattern.pattern.converters) or []
        try:
            if pattern.pattern.regex.groups and not arguments:
                urls[name] = reverse(name, args=[world.b["page"].pk, "earliest", "latest"])
            else:
                urls[name] = reverse(name, kwargs={key: foreign(world, name, key) for key in arguments})
        except NoReverseMatch:
            continue  # the same name with other arguments: the last of them was taken
    return urls


def names_a_row(url: str, name: str) -> bool:
    # A session of editing is released by its own editor only, whatever number is sent.
    return bool(re.search(r"/\d+", url)) and name != "wagtailadmin_editing_sessions:release"


def text_of(response) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode(errors="replace")


@pytest.fixture
def as_(client, world):
    def sign_in(person, host="testserver"):
        client.force_login(person)
        client.defaults["HTTP_HOST"] = host
        return client

    return sign_in


def test_admin_has_the_routes_the_gate_names(world):
    names = {name for name, _pattern in admin_routes()}
    assert {n for n in FOR_EDITORS | FOR_ALL if not n.startswith("admin-")} - names == set()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["amina", "bob"])
def test_admin_gives_404_for_every_foreign_row(world, as_, who):
    client = as_(getattr(world.cast, who))
    wrong = {}
    for name, url in foreign_urls(world).items():
        if not names_a_row(url, name):
            continue
        for method in ("get", "post"):
            response = getattr(client, method)(url)
            if response.status_code != 404 and response.status_code != 405:
                wrong[f"{method} {name}"] = response.status_code
    assert wrong == NOT_THEIRS[who]


#: What somebody may do to no row at all is refused whatever the row: only leads change partners' systems and
#: decide about rules.
NOT_THEIRS = {
    "amina": {},
    "bob": {
        f"{method} {name}:edit": 403 for method in ("get", "post") for name in ("partners", "decisions", "requirements")
    },
}


@pytest.mark.slow
def test_admin_gives_a_viewer_404_or_403_for_every_foreign_row(world, as_):
    client = as_(world.cast.ben)
    found = set()
    for name, url in foreign_urls(world).items():
        if names_a_row(url, name):
            found |= {client.get(url).status_code, client.post(url).status_code}
    assert found == {403, 404, 405}


@pytest.mark.slow
@pytest.mark.parametrize("who", ["amina", "bob", "ben"])
def test_admin_shows_no_canary_of_another_hub(world, as_, who):
    client = as_(getattr(world.cast, who))
    leaks, broken = [], {}
    for name, url in foreign_urls(world).items():
        if name == "wagtailadmin_error_test":
            continue
        for query in ("", "?q=Canary", f"?id={world.b['page'].pk}&id={world.b['image'].pk}"):
            response = client.get(url + query)
            if LEAK in text_of(response):
                leaks.append(url + query)
            if response.status_code >= 500:
                broken[url + query] = response.status_code
    assert (leaks, broken) == ([], {})


@pytest.mark.slow
def test_admin_leaves_foreign_rows_as_they_were(world, as_):
    client = as_(world.cast.amina)
    before = _states(world)
    entries = LogEntry.objects.filter(hub=world.cast.hub_b).count()
    for url in foreign_urls(world).values():
        client.post(url, {
            "name": "Taken", "text": "Taken", "title": "Taken", "session": world.b["session"].pk,
            "external-link-chooser-url": "/",
        })  # fmt: skip
    assert _states(world) == before
    assert LogEntry.objects.filter(hub=world.cast.hub_b).count() == entries


def _states(world) -> dict:
    rows = {key: type(row)._base_manager.get(pk=row.pk) for key, row in world.b.items()}
    return {key: {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} for key, row in rows.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "host"),
    [("amina", FELLS), ("ben", FELLS), ("chloe", "testserver"), ("coordinator", "testserver"),
     ("employer_lead", "testserver")],
)  # fmt: skip
def test_admin_is_404_on_the_host_of_another_hub_and_for_strangers(world, as_, who, host):
    client = as_(getattr(world.cast, who), host)
    found = {client.get(url).status_code for url in foreign_urls(world).values()}
    assert found == {404}


def test_admin_sends_the_nameless_to_sign_in(world, client):
    for name, url in foreign_urls(world).items():
        response = client.get(url)
        assert (name, response.status_code) == (name, 302)
        assert response["Location"].startswith("/accounts/login/")


def test_admin_opens_nothing_to_a_lead_that_the_gate_does_not_name(world, as_):
    client = as_(world.cast.amina)
    for name, url in foreign_urls(world).items():
        namespace = name.rpartition(":")[0]
        if name not in FOR_ALL | FOR_EDITORS and namespace not in opened():
            assert (name, client.get(url).status_code) == (name, 404)


def test_admin_closes_what_wagtail_leaks(world, as_):
    client = as_(world.cast.amina)
    closed = (
        "users/", "groups/", "sites/", "collections/", "redirects/", "forms/", "snippets/", "workflows/list/",
        "workflows/tasks/index/", "reports/site-history/", "reports/locked/", "reports/aging-pages/",
        "reports/workflow/", "reports/page-types-usage/", "tag-autocomplete/", "api/main/pages/",
        "bulk/wagtailcore/page/delete/", "password_reset/", "pages/usage/wagtailcore/page/",
    )  # fmt: skip
    assert {path: client.get(f"/admin/{path}").status_code for path in closed} == dict.fromkeys(closed, 404)


@pytest.mark.slow
def test_a_person_of_two_hubs_sees_in_each_only_what_is_of_that_hub(world, as_):
    join(world.cast.amina, world.cast.hub_b, "hub_lead")
    sync_staff(world.cast.hub_b)
    client = as_(world.cast.amina)
    wrong = {}
    for name, url in foreign_urls(world).items():
        response = client.get(url + "?q=Canary")
        if names_a_row(url, name) and response.status_code not in (404, 405):
            wrong[name] = response.status_code
        if LEAK in text_of(response):
            wrong[name] = "canary"
    assert wrong == {}


def test_every_viewset_of_ours_keeps_state_and_hub_out_of_its_forms(world):
    ours = [one for one in viewsets.viewsets if isinstance(one, HubViewSet)]
    assert len(ours) == 27
    for one in ours:
        form = one.get_form_class()
        fields = set(form.base_fields) if one._edit_handler else set()
        assert (one.name, fields & {"state", "hub", "taken", "over_committed"}) == (one.name, set())
        assert (one.name, one.copy_view_enabled, bool(one.list_export), one.search_backend_name) == (
            one.name, False, False, None,
        )  # fmt: skip


def test_every_list_of_ours_leads_to_the_page_of_a_row():
    """Wagtail links a first column that is named by a word; of columns that we make only those called a title."""
    ours = {one.name: one.list_display for one in viewsets.viewsets if isinstance(one, HubViewSet)}
    dead = [
        name
        for name, columns in ours.items()
        if not isinstance(columns[0], str) and not any(isinstance(one, TitleColumn) for one in columns)
    ]
    assert ours
    assert dead == []

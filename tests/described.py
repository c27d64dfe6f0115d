"""Every answer of the API that any test brings about is compared with what the description says of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from config.api import DESCRIBED
from hubs.api import ScopedViewSet

PROBLEMS = "#/components/schemas/Problem"
#: The viewset, its method's name and HTTP's.
Key = tuple[type, str, str]


@cache
def description() -> dict[str, Any]:
    with GENERATOR_STATS.silence():
        return SchemaGenerator(patterns=DESCRIBED, api_version="1").get_schema(request=None, public=True)


@cache
def operations() -> dict[Key, tuple[str, dict]]:
    """(the path, what is said of it) for each of the API's operations."""
    generator = SchemaGenerator(patterns=DESCRIBED, api_version="1")
    generator._initialise_endpoints()
    found = {}
    for path, _regex, method, view in generator._get_paths_and_endpoints():
        said = description()["paths"][path][method.lower()]
        found[type(view), view.action, method] = (path, said)
    return found


def said_of(view: APIView, method: str) -> tuple[str, dict] | None:
    """A floor below may show less than the floor that is described: its answers are the same."""
    name = getattr(view, "action", None)
    for (described, action, verb), said in operations().items():
        if action == name and verb == method and issubclass(described, type(view)):
            return said
    return None


@cache
def _components() -> dict[str, Any]:
    """As an answer has them: with nothing else in them, and without what is only sent."""
    found = json.loads(json.dumps(description()["components"]))
    for shape in found["schemas"].values():
        fields = shape.get("properties", {})
        for field in fields.values():
            if "oneOf" in field:  # "" is an address, too, to a validator that looks at no formats
                field["anyOf"] = field.pop("oneOf")
        sent = {name for name, field in fields.items() if field.get("writeOnly")}
        shape["properties"] = {name: field for name, field in fields.items() if name not in sent}
        if "required" in shape:
            shape["required"] = [name for name in shape["required"] if name not in sent]
        if fields:
            shape["additionalProperties"] = False
    found["schemas"]["Problem"]["additionalProperties"] = True  # a refusal may name more facts
    return found


def differs(said: dict, status: int, shown: Any) -> str | None:
    """What of an answer the description does not say, or None."""
    code = str(status)
    if code not in said["responses"]:
        return f"answers {code}, described are {', '.join(said['responses'])}"
    content = said["responses"][code].get("content", {})
    kind = next((name for name in content if name.endswith("json")), None)
    if kind is None:
        return None if shown is None or content else f"answers {shown!r}, described is nothing"
    validator = Draft202012Validator(content[kind]["schema"] | {"components": _components()})
    wrong = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(shown)]
    return "; ".join(wrong) or None


def compare(view: APIView, method: str, answer) -> None:
    if not hasattr(answer, "data") or (said := said_of(view, method)) is None:
        return
    shown = None if answer.data is None else json.loads(JSONRenderer().render(answer.data))
    if wrong := differs(said[1], answer.status_code, shown):
        raise AssertionError(f"{method} {said[0]} {wrong}. Mend the verb, or what config/schema.py says of it.")


def takes(view: APIView, name: str) -> str | None:
    """What is wrong when a verb reads what it was sent as `name`."""
    method = view.request.method
    if (said := said_of(view, method)) is None:
        return None
    content = said[1].get("requestBody", {}).get("content", {})
    named = {kind["schema"].get("$ref", "").rpartition("/")[2].removeprefix("Patched") for kind in content.values()}
    if named == ({name} if name else set()):
        return None
    return f"{method} {said[0]} takes {name}, described is {sorted(named) or 'nothing'}"


@pytest.fixture(scope="session", autouse=True)
def _answers_as_described():
    finish, take = APIView.finalize_response, ScopedViewSet.given

    def given(self, serializer_class, *args, **kwargs):
        if wrong := takes(self, serializer_class.__name__.removesuffix("Serializer")):
            raise AssertionError(wrong)
        return take(self, serializer_class, *args, **kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        done = finish(self, request, response, *args, **kwargs)
        compare(self, request.method, done)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(APIView, "finalize_response", finalize_response)
        patch.setattr(ScopedViewSet, "given", given)
        yield

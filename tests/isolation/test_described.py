"""Every operation of the API is called once; what comes back is what the description says (see tests/described.py)."""

from __future__ import annotations

import pytest

from tests.described import PROBLEMS, description, operations
from tests.isolation.personas import PERSONAS
from tests.isolation.routes import all_routes
from tests.isolation.walker import Walker

pytestmark = pytest.mark.django_db

ROUTES = [route for route in all_routes() if route.pattern.startswith("api/v1/")]
#: What verbs want to be told; what a verb does not know, it does not read.
SAID = {"reason": "It rained", "comment": "It rained", "note": "Seen", "days": 3, "message": "Can you?", "places": 3}


def test_every_operation_answers_as_described(world):
    amina = Walker(next(one for one in PERSONAS if one.name == "amina"), world)
    amina.client.raise_request_exception = True
    called, wrong, done = set(), [], 0
    for route in ROUTES:
        for method in route.methods:
            called.add((route.view.cls, route.view.actions[method.lower()], method))
            try:
                done += amina.ask(route, method, amina.own(route), said=SAID).status < 300
            except AssertionError as otherwise:
                wrong.append(str(otherwise))
    assert wrong == []
    assert called == set(operations())
    assert done >= 100, "most answer with what they are for, not with a refusal"


def test_every_error_has_the_one_form_and_every_verb_says_what_it_answers():
    unsaid = []
    for path, methods in description()["paths"].items():
        for method, said in methods.items():
            answers = {code: one.get("content", {}) for code, one in said["responses"].items()}
            forms = {code: list(kinds.values()) for code, kinds in answers.items() if code >= "400"}
            if any(form != [{"schema": {"$ref": PROBLEMS}}] for form in forms.values()) or not forms:
                unsaid.append(f"{method} {path}: {forms}")
            if not any(kinds for code, kinds in answers.items() if code < "400") and method != "delete":
                unsaid.append(f"{method} {path} answers nothing")
    assert unsaid == []

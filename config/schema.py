"""What the description of the API says of every verb, in one place.

A verb takes what its `@action` names (nothing without a name) and answers with the row as its viewset shows rows; one
that takes or answers something else says so with `extend_schema`. Every error has one form.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

from hubs.problems import ProblemSerializer

#: What may come back instead of an answer: always, and of what changes something.
ALWAYS = {
    "400": "What was sent cannot be used: `errors` says where and why.",
    "401": "Nobody is signed in.",
    "403": "The row may be seen, and the role does not include this.",
    "404": "There is nothing here that you may see.",
    "409": "The domain will not: `title` says why, `code` is for the client.",
    "429": "Too many calls: see Retry-After.",
}
CHANGING = {
    "422": "The idempotency key was used for another call.",
    "503": "Busy just now: try again after Retry-After.",
}
PROBLEM = "application/problem+json"


class VerbSchema(AutoSchema):
    def get_request_serializer(self):
        return None if self._verb and self._named is None else super().get_request_serializer()

    def get_response_serializers(self):
        return type(self.view).serializer_class if self._verb else super().get_response_serializers()

    @property
    def _verb(self) -> bool:
        """Whether it is one of a viewset's own verbs that change something, not one of the stock ones."""
        return self.method not in SAFE_METHODS and getattr(self._function, "mapping", None) is not None

    @property
    def _function(self):
        return getattr(type(self.view), getattr(self.view, "action", None) or "", None)

    @property
    def _named(self) -> type | None:
        return self._function.kwargs.get("serializer_class")

    def _get_paginator(self):
        """Lists come in pages; the several rows that a verb answers come whole."""
        return super()._get_paginator() if self._lists else None

    def get_filter_backends(self) -> list[Any]:
        return super().get_filter_backends() if self._lists else []

    @property
    def _lists(self) -> bool:
        return getattr(self.view, "action", None) == "list"

    def _postprocess_serializer_schema(self, schema: dict, serializer, direction) -> dict:
        """What `Meta.withheld` names is not in everybody's answer."""
        shown = super()._postprocess_serializer_schema(schema, serializer, direction)
        withheld = getattr(getattr(serializer, "Meta", None), "withheld", ())
        if withheld and "required" in shown:
            shown["required"] = [name for name in shown["required"] if name not in withheld]
        return shown

    def _get_response_bodies(self, direction="response") -> dict[str, Any]:
        problem = self.resolve_serializer(ProblemSerializer, direction).ref
        may_come = ALWAYS if self.method in SAFE_METHODS else ALWAYS | CHANGING
        content = {PROBLEM: {"schema": problem}}
        errors = {code: {"content": content, "description": words} for code, words in may_come.items()}
        return super()._get_response_bodies(direction) | errors

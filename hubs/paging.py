"""How long lists are cut into pages."""

from django.core.paginator import Paginator
from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """Stable under insertions; `page_size` up to 200."""

    ordering = "pk"
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_paginated_response_schema(self, schema: dict) -> dict:
        """As it comes: null where there is no page before or after."""
        found = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            field = found["properties"][name]
            field.pop("nullable", None)
            field["type"] = ["string", "null"]
        return found


class NarrowPaginator(Paginator):
    """Pages of a long list that shows much of each row: what stands on a page is found by key and order alone, and only
    those rows are read with all that is joined to them. Sorted whole, a hundred thousand rows took seconds."""

    def page(self, number):
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        # In a statement of their own: as part of the other one PostgreSQL joins everything first after all.
        keys = list(self.object_list.values_list("pk", flat=True)[first : first + self.per_page])
        return self._get_page(self.object_list.filter(pk__in=keys), number, self)

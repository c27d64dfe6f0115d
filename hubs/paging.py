"""How lists of the API are cut into pages."""

from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """Stable under insertions; `page_size` up to 200."""

    ordering = "pk"
    page_size_query_param = "page_size"
    max_page_size = 200

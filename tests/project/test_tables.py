"""A table that becomes cards on a phone stays a table for whoever listens: `display: block` takes the roles away that
elements have by themselves, so each says its own."""

from __future__ import annotations

import re

from tests.project.test_templates import own_templates

ROLES = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row", "td": "cell"}
TABLE = re.compile(r'<table class="cards-small".*?</table>', re.DOTALL)
TAG = re.compile(r"<(table|thead|tbody|tr|th|td)\b((?:\{%.*?%\}|\{\{.*?\}\}|[^>])*)>", re.DOTALL)


def without_role(text: str) -> list[str]:
    """Tags of tables that become cards which do not say what they are."""
    found = []
    for table in TABLE.findall(text):
        for name, attributes in TAG.findall(table):
            role = ROLES.get(name) or ("rowheader" if 'scope="row"' in attributes else "columnheader")
            if f'role="{role}"' not in attributes:
                found.append(f"<{name}{attributes}>")
    return found


def test_tables_that_become_cards_keep_their_roles():
    assert {
        name: found for name, path in own_templates().items() if (found := without_role(path.read_text("utf-8")))
    } == {}


def test_a_tag_without_its_role_would_be_found():
    cells = '<th scope="row" role="columnheader">a</th><td data-label="{% translate "b > c" %}">1</td>'
    assert without_role(f'<table class="cards-small" role="table"><tr role="row">{cells}</tr></table>') == [
        '<th scope="row" role="columnheader">', '<td data-label="{% translate "b > c" %}">',
    ]  # fmt: skip
    assert without_role('<table class="cards-small" role="table"><thead></thead></table>') == ["<thead>"]
    assert without_role("<table><tr><td>1</td></tr></table>") == []

"""Reading schema.org's items out of a page, as the HTML standard's microdata says, with `itemref`."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
#: Where an element keeps its value, when not in its text.
KEPT_IN = {"meta": "content", "link": "href", "a": "href", "img": "src", "time": "datetime", "data": "value"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(c if isinstance(c, str) else c.text for c in self.children).split())

    def each(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.each()


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_endtag(self, tag):
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].tag == tag:
                del self.open[place:]
                return

    def handle_data(self, data):
        self.open[-1].children.append(data)


def items(html: str) -> list[dict[str, Any]]:
    """The page's items that are nobody's property: {"type", property: [values]}, a value being text or an item."""
    tree = _Tree()
    tree.feed(html)
    everything = list(tree.root.each())
    ids = {one.attributes["id"]: one for one in everything if "id" in one.attributes}
    tops = [one for one in everything if "itemscope" in one.attributes and "itemprop" not in one.attributes]
    return [_item(one, ids) for one in tops]


def _item(top: Element, ids: dict[str, Element]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": top.attributes["itemtype"].removeprefix("https://schema.org/")}
    waiting = [child for child in top.children if isinstance(child, Element)]
    waiting += [ids[name] for name in top.attributes.get("itemref", "").split()]
    while waiting:
        one = waiting.pop(0)
        for name in one.attributes.get("itemprop", "").split():
            found.setdefault(name, []).append(_value(one, ids))
        if "itemscope" not in one.attributes:
            waiting += [child for child in one.children if isinstance(child, Element)]
    return found


def _value(one: Element, ids: dict[str, Element]) -> Any:
    if "itemscope" in one.attributes:
        return _item(one, ids)
    return one.attributes[KEPT_IN[one.tag]] if one.tag in KEPT_IN else one.text

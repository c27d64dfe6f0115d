"""The language each text of a page is marked as."""

from __future__ import annotations

from html.parser import HTMLParser


class Spoken(HTMLParser):
    """Collects the texts of a page with the language each stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.within, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.within.append(dict(attrs).get("lang") or (self.within[-1] if self.within else ""))

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.within.pop()

    def handle_data(self, data):
        if self.within and data.strip():
            self.texts.append((self.within[-1], " ".join(data.split())))


VOID = {"meta", "link", "input", "img", "br", "hr", "rect", "path", "wbr"}


def unmarked(shown: str, french) -> list[str]:
    """French sentences of the page that no element calls French; a tab's title cannot be marked."""
    reader = Spoken()
    reader.feed("<body" + shown.partition("<body")[2].partition("</html>")[0])
    words = [text for text in french if len(text) >= 12]
    return [said for code, said in reader.texts if code != "fr" and any(text in said for text in words)]

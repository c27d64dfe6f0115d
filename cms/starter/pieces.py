"""What the pages of a new site are put together from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cms import models


@dataclass(frozen=True)
class Draft:
    """One page to be made: its type, slug and fields, and the pages below it.

    Slugs stay English in every language: addresses in mails and leaflets outlive a translation.
    """

    model: type[models.SitePage]
    slug: str
    fields: dict[str, Any]
    in_menu: bool = False
    below: list[Draft] = field(default_factory=list)


def ask_hub(hub, heading: str, label: str, text: str) -> list[tuple[str, dict]]:
    if not hub.contact_email:
        return []
    return [call_to_action(heading, label, text, f"mailto:{hub.contact_email}")]


def call_to_action(heading: str, label: str, text: str, address: str) -> tuple[str, dict]:
    return ("call_to_action", {"heading": heading, "text": text, "label": label, "page": None, "address": address})


def step(title: str, text: str) -> dict:
    return {"title": title, "text": f"<p>{text}</p>"}


def answer(question: str, answer: str) -> dict:
    return {"question": question, "answer": f"<p>{answer}</p>"}


def check(question: str, answers: list[tuple[str, bool]], why: str) -> tuple[str, dict]:
    """A question of a preparation: each answer with whether it is the right one."""
    rows = [{"text": text, "is_right": is_right} for text, is_right in answers]
    return ("check", {"question": question, "answers": rows, "why": why})


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def heading(text: str) -> str:
    return f"<h2>{text}</h2>"


def bullets(*texts: str) -> str:
    return "<ul>" + "".join(f"<li>{text}</li>" for text in texts) + "</ul>"


def joined(*parts: str) -> str:
    return "".join(parts)

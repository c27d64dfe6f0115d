"""What somebody has to fill in, counted: each field once per page, ticks and choices too, and the pages they see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Frame, Locator, Page

FILLING = ("fill", "check", "uncheck", "select_option", "set_input_files", "type", "press_sequentially")


@dataclass
class Count:
    """`fields` are the acts of filling in; `pages` the addresses seen, in order; `watched` where they are seen."""

    fields: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("framenavigated", self._went)

    def _went(self, frame: Frame) -> None:
        if frame.parent_frame is None and frame.url.startswith("http"):
            self.pages.append(frame.url.split("/", 3)[3])


@contextmanager
def counting() -> Iterator[Count]:
    """Counts whatever is filled in through a locator, in any browser."""
    count = Count()
    with pytest.MonkeyPatch.context() as patch:
        for name in FILLING:
            patch.setattr(Locator, name, _counted(count, name, getattr(Locator, name)))
        yield count


def _counted(count: Count, name: str, act):
    def counted(self: Locator, *args, **kwargs):
        count.fields.append(f"{name} {self}")
        return act(self, *args, **kwargs)

    return counted

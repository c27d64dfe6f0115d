"""No template without a page that uses it."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps
from django.template import engines

from tests.tasks.running import ROOT

OURS = ("hubs", "employers", "schools", "opportunities", "placements", "cms", "insights", "config")
#: Django and allauth ask for these by name.
ASKED_FOR = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html", "robots.txt"}
NAMED = re.compile(r"""["']([\w./-]+\.(?:html|txt|xml|css|svg|typ))["']""")


def own_templates() -> dict[str, Path]:
    folders = [ROOT / app / "templates" for app in OURS]
    return {str(path.relative_to(folder)): path for folder in folders for path in folder.rglob("*") if path.is_file()}


def named_somewhere() -> set[str]:
    """Every string that looks like a template's name, in any of our sources."""
    sources = [p for app in OURS for ending in ("*.py", "*.html", "*.txt") for p in (ROOT / app).rglob(ending)]
    return {name for path in sources for name in NAMED.findall(path.read_text(encoding="utf-8"))}


def names_a_stem(name: str) -> bool:
    """Whether a view chooses among templates by their bare names and this is one of them."""
    stem = f'"{Path(name).stem}"'
    return any(stem in path.read_text(encoding="utf-8") for path in (ROOT / "hubs").glob("views*.py"))


def named_by_models() -> set[str]:
    """The templates Wagtail's pages are shown with, which no source has to name."""
    return {
        str(getattr(model, name))
        for model in apps.get_models()
        for name in ("template", "landing_page_template")
        if isinstance(getattr(model, name, None), str)
    }


def replaces_another(name: str) -> bool:
    """Whether a package we use has a template of this name, which ours stands before."""
    own = tuple(str(ROOT / app) for app in OURS)
    loaders = [loader for engine in engines.all() for loader in engine.engine.template_loaders]
    inner = [child for loader in loaders for child in getattr(loader, "loaders", [loader])]
    origins = [origin for loader in inner for origin in loader.get_template_sources(name)]
    return any(Path(o.name).is_file() and not str(o.name).startswith(own) for o in origins)


def test_every_template_is_used():
    used = named_somewhere() | named_by_models() | ASKED_FOR
    assert [
        name
        for name in sorted(own_templates())
        if name not in used and not names_a_stem(name) and not replaces_another(name)
    ] == []


def test_every_template_compiles():
    engine = engines["django"]
    for name in own_templates():
        if name.endswith((".html", ".txt")):
            engine.get_template(name)

"""Frameworks of a hub: read from a document, edited as rows, sealed when published."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from employers import frameworks as data
from employers.comparing import OVERALL
from employers.evidence import CODES
from employers.frameworks_reading import read
from employers.models import (
    AssessmentRound,
    Employer,
    FrameworkItem,
    Pillar,
    Recommendation,
    Standard,
    StandardsFramework,
)
from employers.next_steps import standard_key
from hubs.actors import SYSTEM, Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Hub
from hubs.moves import lock_state, move

SHIPPED = Path(__file__).parent / "data" / "good_hosting.json"
KEEPERS = HUB_STAFF | {SYSTEM}


def parsed(text: str) -> data.Framework:
    """Raises `Refused` with a sentence that names the place in the document."""
    try:
        return read(text, sizes=Employer.Size.values, evidence=CODES)
    except data.CannotReadFramework as bad:
        place = bad.place or _("the document")
        raise Refused(_("At %(place)s: %(what)s") % {"place": place, "what": _sentence(bad)}, place=bad.place) from bad


def _sentence(bad: data.CannotReadFramework) -> str:
    sentences = {
        "not_json": _("This is no JSON file. Line %(line)s cannot be read."),
        "too_big": _("The file has more than 1 MB. A framework needs a tenth of that."),
        "not_object": _("An object in braces belongs here."),
        "not_list": _("A list in square brackets belongs here."),
        "not_text": _("A text in quotes belongs here."),
        "not_number": _("A whole number from %(least)s to %(most)s belongs here."),
        "missing": _("This is missing. Add it."),
        "empty": _("This is empty. Write something, or leave the whole part out."),
        "unknown_key": _("This name is not known here. Look for a slip of the pen, or remove it."),
        "unknown": _("“%(value)s” is not known. Use one of: %(known)s."),
        "not_code": _("“%(value)s” is no code. Use letters, digits, dots and hyphens, without spaces."),
        "too_long": _("This is longer than %(most)s characters. Shorten it."),
        "unkept": _("A character in this text cannot be kept. Type the text anew."),
        "twice": _("“%(value)s” stands here twice. Give each its own."),
        "how_many": _("Between %(least)s and %(most)s belong here."),
        "not_rising": _("Levels are listed from the lowest, and each has more points than the one before."),
        "not_from_zero": _("The first band begins at 0, and each later one higher than the one before."),
    }  # fmt: skip
    return sentences[bad.problem] % bad.facts


@lru_cache(maxsize=128)
def _read_sealed(text: str, language: str = "") -> data.Framework:
    """What was sealed stays readable, whatever codes this install knows today."""
    return data.translated(_read_sealed(text), language) if language else read(text, sizes=None, evidence=None)


def document_of(framework: StandardsFramework, language: str = "") -> data.Framework:
    """The framework as data, in `language` where it is translated: sealed, or of a draft's rows."""
    if framework.sealed:
        return _read_sealed(framework.sealed, language)
    return data.translated(_of_rows(framework), language) if language else _of_rows(framework)


def in_use(hub_id: int) -> StandardsFramework | None:
    """The standards for employers that a hub works by: of several published ones those drafted last."""
    rows = StandardsFramework.objects.filter(hub=hub_id, side="employer", state="published")
    return rows.order_by("-pk").first()


class Named(NamedTuple):
    """Code and name of a standard, and the language of the name."""

    name: str
    language: str

    def __str__(self) -> str:
        return self.name


def standards_named(hub_id: int, language: str = "") -> dict[str, Named]:
    """The standards for employers in use in the hub, by key (see `next_steps.standard_key`), in `language` where
    they are translated. One statement; empty where the hub works by none."""
    framework = in_use(hub_id)
    if framework is None:
        return {}
    found = document_of(framework, language)
    return {standard_key(found, one.code): Named(f"{one.code} {one.name}", found.language) for one in found.standards()}


def exported(framework: StandardsFramework) -> str:
    """The document as text; importing it and exporting again gives the same bytes."""
    return framework.sealed or data.written(_of_rows(framework))


def _of_rows(framework: StandardsFramework) -> data.Framework:
    """Unchecked: `publish` reads it again as it would a file."""
    standards = list(framework.standards.prefetch_related("items", "recommendations").order_by("position", "pk"))
    return data.Framework(
        code=framework.code,
        version=framework.version,
        side=framework.side,
        language=framework.language,
        name=framework.name,
        about=framework.about,
        enough_percent=framework.enough_percent,
        scale=tuple(data.Level(one["level"], one["points"], one["label"]) for one in framework.scale),
        bands=tuple(data.Band(one["code"], one["least"], one["label"]) for one in framework.bands),
        pillars=tuple(
            data.Pillar(p.code, p.name, tuple(_standard(s) for s in standards if s.pillar == p.code))
            for p in framework.pillars.all()
        ),
        texts=framework.texts,
    )


def _standard(row: Standard) -> data.Standard:
    return data.Standard(
        row.code,
        row.name,
        row.about,
        tuple(
            data.Item(i.code, i.statement, i.help, i.weight, tuple(i.sizes), i.variants, i.evidence)
            for i in row.items.all()
        ),
        tuple(
            data.NextStep(n.band, n.title, n.text, n.hours, tuple(n.sizes), n.item) for n in row.recommendations.all()
        ),
    )


# ---- Verbs --------------------------------------------------------------------------


def import_framework(hub: Hub, text: str, *, by: Actor, now: dt.datetime) -> StandardsFramework:
    """A draft made of a document. Raises `Refused` with the place of what is wrong in it, and when
    the hub has this version already."""
    return _drafted(hub, parsed(text), by=by, now=now)


def new_version(framework: StandardsFramework, version: str, *, by: Actor, now: dt.datetime) -> StandardsFramework:
    """A draft copy to edit. `version` is what people will call it: "2027.1"."""
    if not version.strip():
        raise Refused(_("Give the new version a number, such as 2027.1."))
    if len(version.strip()) > 20:
        raise Refused(_("A version has at most 20 characters."))
    changed = {**document_of(framework).__dict__, "version": version.strip()}
    return _drafted(framework.hub, data.Framework(**changed), by=by, now=now, follows=framework)


def publish_framework(framework: StandardsFramework, *, by: Actor, now: dt.datetime) -> None:
    """Seal it and put it in use; the version in use before retires. Raises `Refused` with the place
    of what is missing."""
    with transaction.atomic():
        lock_state(framework)  # one publishes at a time, and seals what is read here
        text = data.written(data.without_strays(_of_rows(framework)))
        parsed(text)
        _all_in_pillars(framework)
        _measured_apart(framework)
        others = StandardsFramework.objects.filter(hub=framework.hub_id, code=framework.code, state="published")
        older = list(others.exclude(pk=framework.pk).order_by("pk"))
        for one in older:
            move(one, "retired", by=by, now=now, reason=framework.version)
        also = {"sealed": text, "sealed_sha256": data.sha256(text)}
        move(framework, "published", by=by, now=now, also=also, sha256=also["sealed_sha256"])
        _rounds_follow(framework, older, by=by, now=now)


def _all_in_pillars(framework: StandardsFramework) -> None:
    stray = framework.standards.exclude(pillar__in=framework.pillars.values("code")).first()
    if stray:
        raise Refused(_("Standard %(code)s belongs to no pillar. Give it the code of one.") % {"code": stray.code})


def _measured_apart(framework: StandardsFramework) -> None:
    """Every pillar and standard is compared under its code, and all together under `OVERALL`."""
    pillars = set(framework.pillars.values_list("code", flat=True))
    standards = set(framework.standards.values_list("code", flat=True))
    if OVERALL in pillars | standards:
        raise Refused(_("“%(code)s” means all standards together. Choose another code.") % {"code": OVERALL})
    for code in sorted(pillars & standards):
        raise Refused(_("“%(code)s” is the code of a pillar and of a standard. Change one of them.") % {"code": code})


def _rounds_follow(
    framework: StandardsFramework, older: list[StandardsFramework], *, by: Actor, now: dt.datetime
) -> None:
    """What is planned by a version that is being replaced asks by the new one."""
    rounds = AssessmentRound.objects.filter(framework__in=older, state="planned")
    for planned in rounds.select_for_update().order_by("pk"):
        planned.framework = framework
        planned.save(update_fields=["framework"])
        record(planned, "changed", by=by, now=now, fields=["framework"])


def retire_framework(framework: StandardsFramework, *, by: Actor, now: dt.datetime) -> None:
    """Nobody begins with it any more; what is under way goes on, and old scores stay.

    Raises `Refused` while a round is planned by it."""
    with transaction.atomic():
        planned = AssessmentRound.objects.filter(framework=framework, state="planned").order_by("opens_on").first()
        if planned is not None:
            raise Refused(
                _("“%(round)s” is planned by these standards. Give it others or call it off, then retire them.")
                % {"round": planned.name}
            )
        move(framework, "retired", by=by, now=now)


def load_framework(hub: Hub, *, by: Actor, now: dt.datetime) -> StandardsFramework:
    """The framework that ships, in use; the one there is when it was loaded before."""
    text = SHIPPED.read_text(encoding="utf-8")
    wanted = parsed(text)
    there = StandardsFramework.objects.filter(hub=hub, code=wanted.code, version=wanted.version).first()
    if there is not None:
        return there
    with transaction.atomic():
        made = import_framework(hub, text, by=by, now=now)
        publish_framework(made, by=by, now=now)
    return made


def _drafted(
    hub: Hub, found: data.Framework, *, by: Actor, now: dt.datetime, follows: StandardsFramework | None = None
) -> StandardsFramework:
    document = data.as_document(found)
    plain = ("code", "version", "side", "name", "about", "language", "enough_percent", "scale", "bands", "texts")
    row = StandardsFramework(hub=hub, follows=follows, **{name: document[name] for name in plain})
    if not by.may(row, KEEPERS):
        raise CannotAct(_("Only the hub keeps frameworks."))
    try:
        with transaction.atomic():
            row.save()
            _make_rows(row, found)
            record(row, "drafted", by=by, now=now, follows=follows.pk if follows else None)
    except IntegrityError as error:
        raise Refused(
            _("There is a version %(version)s of “%(code)s” already. Give this one another number.")
            % {"version": found.version, "code": found.code}
        ) from error
    return row


def _make_rows(row: StandardsFramework, found: data.Framework) -> None:
    position = 0
    for order, pillar in enumerate(found.pillars):
        Pillar.objects.create(framework=row, sort_order=order, code=pillar.code, name=pillar.name)
        for standard in pillar.standards:
            made = Standard.objects.create(
                hub=row.hub, framework=row, pillar=pillar.code, code=standard.code, name=standard.name,
                about=standard.about, position=position,
            )  # fmt: skip
            position += 1
            FrameworkItem.objects.bulk_create(
                FrameworkItem(standard=made, sort_order=n, **{**i.__dict__, "sizes": list(i.sizes)})
                for n, i in enumerate(standard.items)
            )
            Recommendation.objects.bulk_create(
                Recommendation(standard=made, sort_order=n, **{**r.__dict__, "sizes": list(r.sizes)})
                for n, r in enumerate(standard.next_steps)
            )

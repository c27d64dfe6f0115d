"""Two hubs with a row of everything in the back office; hub B's rows bear a canary."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.utils.text import slugify
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page

from cms.domain import open_site
from employers.framing import load_framework
from employers.models import (
    AssessmentRound,
    Employer,
    Interest,
    SelfAssessment,
    Standard,
    StandardsFramework,
    Volunteer,
)
from employers.models import Document as Paper
from hubs.actors import system
from hubs.domain.notes import write_note
from hubs.domain.staff import sync_staff
from hubs.models import Message, PartnerEndpoint
from opportunities.models import ActionPlan, ActionPlanTemplate, Pathway, PathwayStep, PlanStep, TemplateStep
from placements.models import Placement, PlacementRequest, Wish
from schools.models import School
from tests import cast as casting
from tests import scenes

CANARY = "Canary of the fells"
NOW = casting.NOW
PIXEL = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)  # a GIF of one pixel


def build(cast) -> SimpleNamespace:
    """`world.a` and `world.b`: the rows of each hub, by the namespace of their viewset."""
    cast.bob = casting.join(casting.person("bob@harbour.example", "Bob Manager"), cast.hub, "careers_manager")
    for hub in (cast.hub, cast.hub_b):
        open_site(hub, by=system(), now=NOW)
        hub.refresh_from_db()
        sync_staff(hub)
    a = one_more(cast.hub, cast.amina, "Harbour thing") | _files(cast.hub, "Harbour thing")
    b = one_more(cast.hub_b, cast.chloe, CANARY) | _files(cast.hub_b, CANARY)
    return SimpleNamespace(a=a, b=b, cast=cast)


def one_more(hub, lead, name: str) -> dict:
    employer = Employer.objects.create(hub=hub, name=f"{name} employer", manager=lead)
    paper = Paper.objects.create(
        hub=hub, employer=employer, kind="risk", reference=f"{name} paper", state="held", added_at=NOW
    )
    interest = Interest.objects.create(
        hub=hub,
        name=f"{name} interest",
        person=name,
        email="a@x.example",
        size="small",
        state="set_aside",
        written_at=NOW,
    )
    volunteer = Volunteer.objects.create(hub=hub, employer=employer, name=f"{name} volunteer", email="v@x.example")
    school = School.objects.create(hub=hub, name=f"{name} school", manager=lead)
    write_note(school, f"{name} note", next_contact_on=hub.today(NOW), by=casting.actor(lead, hub), now=NOW)
    kind = scenes.encounter_type(hub, code=slugify(name), name=f"{name} type")
    template = ActionPlanTemplate.objects.create(hub=hub, name=f"{name} template")
    TemplateStep.objects.create(template=template, title=f"{name} step", encounter_type=kind)
    plan = ActionPlan.objects.create(
        hub=hub, employer=employer, template=template, year_starts_on=NOW.date(), adopted_at=NOW,
        year_ends_on=NOW.date() + dt.timedelta(days=300),
    )  # fmt: skip
    PlanStep.objects.create(hub=hub, employer=employer, plan=plan, title=f"{name} planned", due_on=NOW.date())
    pathway = Pathway.objects.create(hub=hub, name=f"{name} pathway", shorter_first=0)
    PathwayStep.objects.create(pathway=pathway, encounter_type=kind)
    waiting = scenes.opportunity(
        employer, state="submitted", kind=kind, title=f"{name} waiting", submitted_at=NOW, supervisor="Floor manager"
    )
    offer = scenes.opportunity(employer, kind=kind, title=f"{name} offer")
    session = scenes.session(offer)
    group = scenes.group(school, f"{name} group")
    request = PlacementRequest.objects.create(
        hub=hub, school=school, group=group, places=6, state="submitted", note=f"{name} request", created_at=NOW,
        submitted_at=NOW,
    )  # fmt: skip
    Wish.objects.create(hub=hub, school=school, request=request, rank=1, session=session)
    placement = Placement.objects.create(
        hub=hub, session=session, employer=employer, school=school, group=group, places=2, state="held",
        held_until=NOW + dt.timedelta(days=1), reason=f"{name} placement", created_at=NOW,
    )  # fmt: skip
    type(session).objects.filter(pk=session.pk).update(taken=2)
    message = Message.objects.create(
        hub=hub, key=f"{name}", kind=f"{name} kind", subject_type="hubs.hub", subject_id=hub.pk, address="x@y.example",
        language="en-gb", state="failed", problem="gave_up", due_at=NOW, created_at=NOW,
    )  # fmt: skip
    partner = PartnerEndpoint.objects.create(
        hub=hub, name=f"{name} partner", address=f"https://{slugify(name)}.example.org/in", kinds=["placement"],
        added_at=NOW,
    )  # fmt: skip
    framework = StandardsFramework.objects.create(
        hub=hub, code=slugify(name), version="1", name=f"{name} framework", bands=[]
    )
    standard = Standard.objects.create(hub=hub, framework=framework, pillar="P", code="S", name=f"{name} standard")
    used = load_framework(hub, by=system(), now=NOW)
    planned = AssessmentRound.objects.create(
        hub=hub, framework=used, name=f"{name} round", opens_on=NOW.date(), closes_on=NOW.date()
    )
    assessment = SelfAssessment.objects.create(
        hub=hub, employer=employer, framework=used, size="small", started_at=NOW, comment=f"{name} comment"
    )
    return {
        "rounds": planned, "assessments": assessment, "frameworks": framework, "standards": standard,
        "partners": partner, "papers": paper, "volunteers": volunteer, "interests": interest,
        "pathways": pathway, "plans": plan,
        "employers": employer, "schools": school, "encounter-types": kind, "templates": template,
        "opportunities": waiting, "requests": request, "desk": request, "placements": placement,
        "messages": message, "offer": offer, "session": session, "group": group,
    }  # fmt: skip


def _files(hub, name: str) -> dict:
    page = hub.site.root_page.add_child(instance=Page(title=f"{name} page", slug="canary"))
    image = Image.objects.create(
        title=f"{name} image", collection=hub.collection, file=ContentFile(PIXEL, "p.gif"), width=1, height=1
    )
    document = Document.objects.create(
        title=f"{name} document", collection=hub.collection, file=ContentFile(b"words", "d.txt")
    )

    return {"page": page, "image": image, "document": document}

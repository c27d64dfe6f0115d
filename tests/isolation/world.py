"""Two hubs with rows of everything in every tenant, brought about through the domain where it has a verb.

Hub A (harbour): schools quayside and northgate, employers brightwater and saffron. Hub B
(fells): school tarn, employer fellside. Placements: quayside is accepted at brightwater and
offered to it once more; northgate is accepted at saffron; quayside is only held at saffron and
northgate only held at brightwater, which those employers must not learn.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.documents.models import Document as SiteDocument
from wagtail.images.models import Image

from cms.domain import open_site
from cms.models import PreparationPage
from employers import assessing, badges, rounds
from employers.domain import load_sectors
from employers.framing import load_framework
from employers.models import Contact, Sector, Volunteer
from employers.paperwork import add_document, hold_document
from hubs.actors import system
from hubs.domain import accounts, people
from hubs.domain.notes import write_note
from hubs.links import link_for
from hubs.models import Hub, LogEntry, Membership, Message, Organisation, Requirement
from hubs.rulepacks import load_packs
from insights import overview_kept
from opportunities.domain import pathways, plans
from opportunities.models import ActionPlanTemplate, EncounterType, Pathway, PathwayStep, TemplateStep
from placements.domain import agreements, amending, answers, brokering, feeds, requests
from placements.models import Placement, PlacementRequest
from schools.domain.pending import keep_calendar, keep_roster, keep_timetable
from schools.models import Group, Import, School
from tests import cast as casting
from tests import scenes
from tests.employers import assessments, papers
from tests.isolation import canaries, filling
from tests.placements.pages import lesson, whole_calendar
from tests.schools.rosters import small

NOW = casting.NOW
PIXEL = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260901T000000Z\r\n"
    b"DTSTART;VALUE=DATE:20261026\r\nDTEND;VALUE=DATE:20261031\r\nSUMMARY:Half term holiday\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)
TIMETABLE = b"Klasse,Tag,Stunde,Fach\r\n10A,Mon,1,Maths\r\n10A,Tue,2,Art\r\n"

#: Rows of each tenant by the name `tests/isolation/rows.py` gives them.
Rows = dict[str, dict[str, Any]]


class World:
    """`rows[tenant][kind]` is what stands in an address; `hidden` what looks theirs and is not."""

    def __init__(self, cast: SimpleNamespace) -> None:
        self.cast = cast
        self.rows: Rows = defaultdict(dict)
        self.hidden: Rows = defaultdict(dict)
        self.hubs: dict[str, Hub] = {"harbour": cast.hub, "fells": cast.hub_b}
        self.organisations: dict[str, Organisation] = {
            "quayside": cast.school,
            "northgate": cast.other_school,
            "brightwater": cast.employer,
            "saffron": cast.other_employer,
            "tarn": cast.school_b,
            "fellside": cast.employer_b,
        }
        self.people = {
            "quayside": cast.coordinator,
            "northgate": cast.other_coordinator,
            "brightwater": cast.employer_lead,
            "saffron": cast.other_lead,
            "tarn": cast.coordinator_b,
            "fellside": cast.employer_lead_b,
            "harbour": cast.amina,
            "fells": cast.chloe,
        }

    def hub_of(self, tenant: str) -> str:
        organisation = self.organisations.get(tenant)
        return tenant if organisation is None else "harbour" if organisation.hub_id == self.cast.hub.pk else "fells"

    def tenants_in(self, hub: str) -> list[str]:
        return [hub, *(one for one in self.organisations if self.hub_of(one) == hub)]

    def actor(self, tenant: str):
        organisation = self.organisations.get(tenant)
        return casting.actor(self.people[tenant], self.hubs[self.hub_of(tenant)], organisation)

    def names(self) -> dict[tuple[str, int], str]:
        named = {("organisation", row.pk): name for name, row in self.organisations.items()}
        return named | {("hub", row.pk): name for name, row in self.hubs.items()}


def build() -> World:
    load_packs()
    load_sectors()
    cast = casting.two_hubs()
    cast.bob = casting.join(casting.person("bob@harbour.example", "Bob Manager"), cast.hub, "careers_manager")
    world = World(cast)
    for tenant in world.hubs:
        _hub(world, tenant)
    for tenant, organisation in world.organisations.items():
        (_school if organisation.kind == "school" else _employer)(world, tenant, organisation)
    for hub, school, employer in (
        ("harbour", "quayside", "brightwater"),
        ("harbour", "northgate", "saffron"),
        ("fells", "tarn", "fellside"),
    ):
        _accepted(world, hub, school, employer)
    _half_way(world)
    for tenant in (*world.hubs, *world.organisations):
        _people(world, tenant)
    filling.fill(world)
    _name_the_rest(world)
    canaries.mark_all(world.names())
    return world


def _hub(world: World, tenant: str) -> None:
    hub = world.hubs[tenant]
    open_site(hub, by=system(), now=NOW)
    hub.refresh_from_db()
    kind = scenes.encounter_type(hub, code="shadowing", name="Shadowing", tier="T3")
    template = ActionPlanTemplate.objects.create(hub=hub, name="A first year", state="published")
    TemplateStep.objects.create(template=template, title="Offer shadowing", encounter_type=kind)
    pathway = Pathway.objects.create(hub=hub, name="Towards a trade", shorter_first=0, state="published")
    PathwayStep.objects.create(pathway=pathway, encounter_type=kind)
    framework = load_framework(hub, by=system(), now=NOW)
    words = f"CANARY-{tenant.upper()}-PRIVATE"
    image = Image.objects.create(
        title=f"{words} image", collection=hub.collection, file=ContentFile(PIXEL, "p.gif"), width=1, height=1
    )
    document = SiteDocument.objects.create(
        title=f"{words} document", collection=hub.collection, file=ContentFile(b"words", f"{tenant}.txt")
    )
    rows = world.rows[tenant]
    rows |= {
        "encounter_type": kind.pk,
        "template": template.pk,
        "pathway": pathway.pk,
        "image": image.pk,
        "module": PreparationPage.objects.descendant_of(hub.site.root_page).get().pk,
        "document": document.pk,
    }
    fields = {"framework": framework, "name": "This autumn", "opens_on": NOW.date(), "closes_on": NOW.date()}
    planned = rounds.plan_round(hub, fields, by=world.actor(tenant), now=NOW)
    rows |= {"round": planned.pk, "framework": framework.pk, "standard": framework.standards.first().pk}
    rows["collection"] = hub.collection_id
    rows |= {"file_name": document.filename, **canaries.mark_site(hub, tenant)}
    rows["sector"] = Sector.objects.order_by("pk").first().pk
    rows["requirement"] = Requirement.objects.filter(jurisdiction=hub.jurisdiction).first().pk


def _school(world: World, tenant: str, school: School) -> None:
    whole_calendar(school)
    by = world.actor(tenant)
    group = scenes.group(school, "10A")
    for other in ("10B", "10C"):
        scenes.group(school, other)
    lesson(group)
    write_note(school, "Rang them.", by=world.actor(world.hub_of(tenant)), now=NOW)
    rows = world.rows[tenant]
    rows["pending_calendar"] = keep_calendar(school, CALENDAR, file_name="terms.ics", by=by, now=NOW).pk
    rows["pending_timetable"] = keep_timetable(school, TIMETABLE, file_name="week.csv", by=by, now=NOW).pk
    rows["pending_roster"] = keep_roster(school, small(), names=True, file_name="lists.zip", by=by, now=NOW).pk
    for kind, state in (("calendar", "done"), ("roster", "failed")):
        rows[kind] = Import.objects.create(
            hub=school.hub, school=school, kind=kind, state=state, format=kind, sha256="", imported_at=NOW,
            before={"created": {}},
        ).pk  # fmt: skip
    rows["group"] = group.pk


def _employer(world: World, tenant: str, employer) -> None:
    by, hub = world.actor(tenant), employer.hub
    kind = EncounterType.objects.get(hub=hub, code="shadowing")
    offer = scenes.opportunity(employer, kind=kind)
    draft = scenes.opportunity(employer, kind=kind, state="draft")
    session = scenes.session(offer)
    scenes.session(draft, on=scenes.DAY + dt.timedelta(days=7))
    contact = Contact.objects.create(hub=hub, employer=employer, name="Front desk", is_main=True)
    volunteer = Volunteer.objects.create(hub=hub, employer=employer, name="A volunteer")
    paper = add_document(
        employer,
        kind="other",
        upload=SimpleUploadedFile("policy.pdf", papers.pdf(), "application/pdf"),
        by=by,
        now=NOW,
    )
    hold_document(paper, by=system(hub.pk), now=NOW)
    template = ActionPlanTemplate.objects.get(pk=world.rows[world.hub_of(tenant)]["template"])
    sent = assessments.sent(employer, by)
    assessing.confirm(sent, by=world.actor(world.hub_of(tenant)), now=NOW)
    badge = badges.issue(sent, by=by, now=NOW)
    begun = assessing.start(employer, by=by, now=NOW)
    own = {"name": f"Ours at {tenant}", "shorter_first": 0}
    pathway = pathways.write_pathway(employer, own, [{"encounter_type": kind}], by=by, now=NOW)
    plan = plans.adopt(template, employer, by=by, now=NOW)
    write_note(employer, "Rang them.", by=world.actor(world.hub_of(tenant)), now=NOW)
    overview_kept.keep(hub, sent.framework, now=NOW)
    world.rows[tenant] |= {
        "offer": offer.pk, "draft": draft.pk, "session": session.pk, "contact": contact.pk, "paper": paper.pk,
        "assessment": begun.pk, "result": sent.pk, "badge": badge.uid, "badge_row": badge.pk,
        "badge_key": badge.key.kid,
        "prepare_token": link_for(volunteer, "preparation", now=NOW, days=30, address="a@x.example")[1],
        "volunteer": volunteer.pk, "site": offer.site_id, "own_pathway": pathway.pk,
        "plan": plan.pk, "plan_step": plan.steps.first().pk,
    }  # fmt: skip


def _ask(world: World, school: str, group: str, employer: str) -> Placement:
    """A request of the school for the group, and places held for it at the employer."""
    asked = _request(world, school, group, employer)
    session = asked.wishes.get().session
    return brokering.hold(asked, session, by=world.actor(world.hub_of(school)), now=NOW)


def _request(world: World, school: str, group: str, employer: str) -> PlacementRequest:
    organisation = world.organisations[school]
    of = Group.objects.get(school=organisation, name=group)
    return requests.request_places(
        organisation.school, group=of, places=of.size, wished=[of_employer(world, employer)],
        by=world.actor(school), now=NOW,
    )  # fmt: skip


def of_employer(world: World, employer: str):
    """A session more of its published offer, each a week later, so that no two placements share a day."""
    offer = world.organisations[employer].employer.opportunity_set.get(state="published")
    return scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=offer.sessions.count()))


def _accepted(world: World, hub: str, school: str, employer: str) -> None:
    placement = _ask(world, school, "10A", employer)
    brokering.offer(placement, by=world.actor(hub), now=NOW)
    answers.accept(placement, by=world.actor(employer), now=NOW)
    clearances = {one.responsible: one for one in placement.clearances.order_by("-pk")}
    (agreement,) = agreements.draw_up(placement, by=world.actor(school), now=NOW)
    lines = {line.party: line for line in agreement.signatures.order_by("pk")}
    for party, tenant in (("school", school), ("host", employer)):
        lines[party].agreement = agreement
        agreements.sign(lines[party], name="Somebody", by=world.actor(tenant), now=NOW)
    change = amending.propose(placement, supervisor="Ines", reason="Ill", by=world.actor(school), now=NOW)
    shared = {
        "change_token": link_for(change, "change", now=NOW, days=30, address="a@x.example")[1],
        "change": change.pk,
        "agreement": agreement.pk,
        "line": lines["school"].pk,
        "sign_token": link_for(lines["host"], "sign", now=NOW, days=30, address="a@x.example")[1],
        "reflection_token": link_for(placement.students.first(), "reflection", now=NOW, days=30)[1],
        "placement": placement.pk,
        "request": placement.request_id,
        "requirement": clearances["parent"].requirement_id,
        "clearance": clearances["parent"].pk,
        "host_clearance": clearances["host"].pk,
        "answer_token": link_for(placement, "answer", now=NOW, days=30, address="a@x.example")[1],
        "host_token": link_for(placement, "host", now=NOW, days=30, address="a@x.example")[1],
        "consent_token": link_for(clearances["parent"], "consent", now=NOW, days=30, address="a@x.example")[1],
    }
    world.rows[school] |= shared
    world.rows[employer] |= {kind: row for kind, row in shared.items() if kind != "request"}


def _half_way(world: World) -> None:
    offered = _ask(world, "quayside", "10B", "brightwater")
    brokering.offer(offered, by=world.actor("harbour"), now=NOW)
    world.rows["brightwater"]["offered"] = world.rows["quayside"]["offered"] = offered.pk
    world.rows["harbour"]["open_request"] = _request(world, "quayside", "10C", "brightwater").pk
    world.hidden["saffron"]["placement"] = _ask(world, "quayside", "10C", "saffron").pk
    world.hidden["brightwater"]["placement"] = _ask(world, "northgate", "10C", "brightwater").pk


def _people(world: World, tenant: str) -> None:
    organisation, hub = world.organisations.get(tenant), world.hubs[world.hub_of(tenant)]
    by, rows = world.actor(tenant), world.rows[tenant]
    role = people.roles_of(organisation)[-1]
    invitation = people.invite(hub, organisation, email=f"new@{tenant}.example", name="New", role=role, by=by, now=NOW)
    second = casting.join(casting.person(f"second@{tenant}.example", "Second"), hub, role, organisation)
    token, _secret = accounts.make_token(by.user, "A client", by=by, now=NOW)
    rows |= {
        "invitation": invitation.pk,
        "invitation_token": link_for(invitation, "invitation", now=NOW, days=30, address=invitation.email)[1],
        "membership": Membership.objects.get(user=second).pk,
        "api_token": token.token_key,
    }
    if organisation is not None:
        feed, secret = feeds.make_feed(organisation, by=by, now=NOW)
        rows |= {"feed": feed.pk, "feed_token": secret, tenant: organisation.pk, organisation.kind: organisation.pk}


def _name_the_rest(world: World) -> None:
    """Rows that the domain or the filling made, under the names the addresses use."""
    labels = {
        "term": "schools.Term", "closure": "schools.Closure", "protected": "schools.ProtectedPeriod",
        "bell": "schools.BellSchedule", "year": "schools.YearGroup", "import": "schools.Import",
        "cap": "opportunities.Cap", "pledge": "opportunities.Pledge", "encounter": "placements.Encounter",
        "student": "schools.Student",
        "reply_file": "placements.ReplyFile", "event_rule": "schools.EventRule",
        "pattern": "schools.WeekPattern", "mark": "schools.WeekMark", "release_rule": "schools.ReleaseRule",
        "subscription": "schools.CalendarSubscription",
    }  # fmt: skip
    for tenant, organisation in world.organisations.items():
        for kind, label in labels.items():
            row = filling.rows_of(label, organisation).first()
            if row is not None:
                world.rows[tenant][kind] = row.pk
    for tenant, hub in world.hubs.items():
        words = f"CANARY-{tenant.upper()}-PRIVATE reason"
        entry = LogEntry.objects.create(
            hub=hub, at=NOW, via="page", verb="noted", subject_type="hubs.hub", subject_id=hub.pk, reason=words
        )
        message = Message.objects.filter(hub=hub, organisation=None).first() or Message.objects.filter(hub=hub).first()
        wording = filling.rows_of("hubs.MessageTemplate", hub).first()
        closure = filling.rows_of("hubs.HubClosure", hub).first()
        world.rows[tenant]["partner"] = filling.rows_of("hubs.PartnerEndpoint", hub).first().pk
        world.rows[tenant]["interest"] = filling.rows_of("employers.Interest", hub).first().pk
        world.rows[tenant]["employer_list"] = filling.rows_of("employers.EmployerImport", hub).first().pk
        world.rows[tenant]["decision"] = filling.rows_of("hubs.HubRequirement", hub).first().pk
        alarm = filling.rows_of("placements.PlacesAlarm", hub).first()
        named = {"alarm": alarm, "log_entry": entry, "message": message, "wording": wording, "hub_closure": closure}
        world.rows[tenant] |= {kind: row.pk for kind, row in named.items()}

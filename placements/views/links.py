"""Pages for people without an account, behind signed links.

Opening one changes nothing, whoever or whatever opens it; only a POST acts. A link that is
unknown, lapsed, withdrawn, for another purpose or of another hub gets one and the same page.
"""

from __future__ import annotations

from functools import wraps

from django.conf import settings
from django.db.models import Model
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.actors import by_link
from hubs.edges import no_store
from hubs.errors import CannotMove, Refused
from hubs.languages import frame, read_language, speaking, spoken, writing, written
from hubs.links import made_link, mark_used
from hubs.models import LogEntry, Message, Organisation, SignedLink
from placements.domain import answers, hosting, hours
from placements.domain import consent as consents
from placements.domain.asking import is_one_of_several
from placements.forms_employer import (
    ConsentForm,
    DeclareForm,
    DeclineForm,
    HandOverForm,
    SupervisorForm,
)
from placements.messages import several_asked
from placements.messages_open import taken_back_because
from placements.models import Amendment, Clearance, Placement, PlacementStudent, Signature
from placements.views import employer_rows as rows

#: Pages all of whose sentences are in the catalogues; the others are framed in English so far.
WHOLE = frozenset({"consent", "sign", "reflection"})


def link_page(purpose: str, model: type[Model]):
    """A page of one purpose about one row of `model`: view(request, link, row, message).

    `message` is the mail the link came in, or None. The page speaks the language of the newest
    such mail, else the reader's organisation's, else the hub's, unless ?lang= names another.
    """
    voice, named = (writing, written) if purpose in WHOLE else (speaking, frame)

    def wrap(view):
        @wraps(view)
        @require_http_methods(["GET", "HEAD", "POST"])
        def inner(request, token):
            link = made_link(token, purpose)
            row = _behind(link, model, request.hub)
            mails = _mails_of(link) if link is not None and row is not None else []
            language = _language(request, row, mails)
            if link is None or row is None or not link.is_live(request.now):
                return _over(request, language)
            with voice(language):
                response = no_store(view(request, link, row, mails[0] if mails else None))
            response["Content-Language"] = named(language)
            return response

        return inner

    return wrap


def _over(request, language: str):
    """One and the same for every reason, in the language of whom the link was for where that is known."""
    with writing(language):
        context = {"title": _("This link no longer works"), "languages_offered": languages_offered()}
        response = no_store(render(request, "hubs/link_over.html", context, status=404))
    response["Content-Language"] = written(language)
    return response


def _behind(link: SignedLink | None, model: type[Model], hub):
    """The row the link is bound to, with its placement as pages show it; None when there is none."""
    if link is None or not hub or link.hub_id != hub.pk or link.subject_type != model._meta.label_lower:
        return None
    if model is Placement:
        return _placements().filter(pk=link.subject_id, hub_id=link.hub_id).first()
    found = model._base_manager.filter(pk=link.subject_id, hub_id=link.hub_id)
    row = found.select_related(*ALONG[model]).first()
    if row is not None:
        owner = row.agreement if isinstance(row, Signature) else row
        owner.placement = _placements().get(pk=owner.placement_id)
    return row


#: What the pages of such a row show besides its placement.
ALONG: dict[type[Model], tuple[str, ...]] = {
    Amendment: ("session_move",),
    Clearance: ("requirement", "student", "school__hub"),
    PlacementStudent: ("student",),
    Signature: ("agreement__student", "student"),
}


def _placements():
    return Placement.objects.with_all().select_related("request", "school__hub", "employer__hub")


def _mails_of(link: SignedLink) -> list[Message]:
    """What went to the holder about this row, the first mail first. A link handed out on paper came in none."""
    if not link.address:
        return []
    sent = Message.objects.filter(subject_type=link.subject_type, subject_id=link.subject_id, address=link.address)
    return list(sent.order_by("pk"))


def _language(request, row: Model | None, mails: list[Message]) -> str:
    asked = request.GET.get("lang", "")
    if asked in dict(settings.MAIL_LANGUAGES):
        return asked
    return spoken(mails[-1] if mails else None, _organisation_of(row), request.hub)


def _organisation_of(row: Model | None) -> Organisation | None:
    """For whom the holder acts: a parent and a student for the school, an employer's people for the employer."""
    if isinstance(row, Placement):
        return row.employer
    if isinstance(row, Amendment):
        return row.placement.employer
    if isinstance(row, Signature):
        placement = row.agreement.placement
        return placement.employer if row.party == "host" else placement.school
    return row.placement.school if row is not None else None


def languages_offered() -> list[dict]:
    """The choice of languages on top of a page that is whole in each; it holds for as long as the address says so."""
    here = get_language()
    offered = settings.MAIL_LANGUAGES if len(settings.MAIL_LANGUAGES) > 1 else []
    return [{"label": label, "url": f"?lang={code}", "code": code, "current": code == here} for code, label in offered]


def back_to_link(request, link: SignedLink):
    """Back to the same page, which now says what was done."""
    mark_used(link, now=request.now)
    return redirect(request.get_full_path())


def tried(row, form, verb) -> str | None:
    """None when done; else the sentence to say. A row somebody else moved is read again."""
    try:
        verb()
    except Refused as refusal:
        row.refresh_from_db(fields=["state"])  # what was undone must not be shown
        if isinstance(refusal, CannotMove):
            return refusal.sentence
        form.add_error(None, refusal.sentence)
        return ""
    return None


# ---- The employer answers ------------------------------------------------------


@link_page("answer", Placement)
def answer(request, link: SignedLink, placement: Placement, message: Message | None):
    """Yes, no, or pass it on; afterwards what was answered, and what the host still confirms."""
    act = request.POST.get("act", "")
    forms = {
        "accept": SupervisorForm(_sent(request, "accept"), initial={"supervisor": placement.supervisor}),
        "decline": DeclineForm(_sent(request, "decline"), auto_id="id_no_%s"),
        "colleague": HandOverForm(_sent(request, "colleague"), auto_id="id_to_%s"),
        "declare": DeclareForm(_sent(request, "declare"), auto_id=_ids(request.POST.get("task", ""))),
    }
    problem: str | None = ""
    if request.method == "POST" and act in forms and forms[act].is_valid():
        by = by_link(link, "host" if act == "declare" else "employer", placement.employer_id)
        verb = _answer_verb(request, placement, act, forms[act], by)
        problem = tried(placement, forms[act], verb)
        if problem is None:
            response = back_to_link(request, link)
            if act == "colleague":
                response["Location"] = _with(request, "passed")
            return response
    return render(request, "placements/links/answer.html", _answer_context(request, placement, message, forms, problem))


def _ids(task) -> str:
    return f"id_task{task}_%s"


def _sent(request, act: str):
    return request.POST if request.POST.get("act") == act else None


def _with(request, flag: str) -> str:
    query = request.GET.copy()
    query[flag] = "1"
    return f"{request.path}?{query.urlencode()}"


def _answer_verb(request, placement: Placement, act: str, form, by):
    given = form.cleaned_data

    def verb() -> None:
        if act == "accept":
            answers.accept(placement, by=by, now=request.now, supervisor=given["supervisor"])
        elif act == "decline":
            answers.decline(placement, form.reason(), by=by, now=request.now)
        elif act == "colleague":
            hosting.hand_over(placement, given["email"], by=by, now=request.now, language=read_language())
        else:
            hosting.declare(_task_of(request, placement), words=given["words"], by=by, now=request.now)

    return verb


def _task_of(request, placement: Placement) -> Clearance:
    number = request.POST.get("task", "")
    found = rows.host_clearances(placement).filter(pk=int(number)) if number.isdecimal() and len(number) < 18 else None
    task = found.first() if found is not None else None
    if task is None:
        raise Refused(_("This task is no longer asked for."))
    task.placement = placement
    return task


def _answer_context(request, placement: Placement, message: Message | None, forms: dict, problem: str | None) -> dict:
    offered = placement.state == "offered"
    agreed = placement.state in ("accepted", "ready")
    tasks = [row for row in rows.host_clearances(placement) if row.state == "open"] if agreed else []
    sent = request.POST.get("task", "") if request.POST.get("act") == "declare" else ""
    return {
        "title": rows.question(placement) if offered else _("Agreed") if agreed else rows.state_word(placement),
        "placement": placement,
        "offer": placement.session.opportunity,
        "facts": rows.facts(placement),
        "said": message.facts.get("message", "") if message else "",
        "several": several_asked() if offered and is_one_of_several(placement) else "",
        "offered": offered,
        "agreed": agreed,
        "forms": forms,
        "problem": problem,
        "accept_label": rows.accept_label(placement),
        "binding": rows.binding(),
        "hours": hours.shown(placement, request.now),
        "next_steps": rows.after_yes(),
        "passed": "passed" in request.GET and offered,
        "answered": None if offered else _answered(placement),
        "over": _over_because(placement),
        "tasks": [
            (row, forms["declare"] if str(row.pk) == sent else DeclareForm(auto_id=_ids(row.pk)))
            for row in tasks
            if hosting.may_be_declared(row)
        ],
        "papers": [row for row in tasks if hosting.needs_document(row)],
        "preparation": [row for row in tasks if hosting.needs_preparation(row)],
    }


def _over_because(placement: Placement) -> str:
    """What became of it when nobody comes any more."""
    if placement.state == "cancelled":
        return " ".join([_("It was called off: nobody comes."), placement.reason]).strip()
    if placement.state == "withdrawn":
        return " ".join(taken_back_because(placement))
    return ""


def _answered(placement: Placement) -> dict | None:
    """Who answered when: the employer's own people by name, the hub by its own."""
    entries = LogEntry.objects.about(placement).filter(verb__in=["accepted", "declined"], from_state="offered")
    entry = entries.select_related("by").order_by("pk").last()
    if entry is None:
        return None
    name = placement.hub.name if entry.on_behalf_of_id else str(entry.by or "")
    if entry.hat == "link:employer":
        used = SignedLink.objects.filter(pk=entry.facts.get("link")).first()
        name = (used.name or used.address) if used else placement.employer.name
    return {"at": entry.at, "who": name or placement.employer.name, "yes": entry.verb == "accepted"}


# ---- A parent or carer decides ----------------------------------------------------


@link_page("consent", Clearance)
def consent(request, link: SignedLink, clearance: Clearance, message: Message | None):
    """What is planned for the child, and one decision; it can be changed to yes later, and withdrawn."""
    form = ConsentForm(request.POST if request.method == "POST" else None)
    problem: str | None = ""
    if request.method == "POST" and request.POST.get("answer", "") not in ("yes", "no", "withdraw"):
        problem = _("Press one of the two buttons below.")
    elif request.method == "POST":
        problem = _decided(request, link, clearance, form)
    if problem is None:
        return back_to_link(request, link)
    return render(request, "placements/links/consent.html", _consent_context(request, link, clearance, form, problem))


def _decided(request, link: SignedLink, clearance: Clearance, form) -> str | None:
    """As `tried`; a withdrawal needs no form."""
    by, answer = by_link(link, "parent", clearance.school_id), request.POST["answer"]
    if answer == "withdraw":
        return tried(clearance, form, lambda: consents.withdraw(clearance, by=by, now=request.now))
    if not form.is_valid():
        return ""
    given = {"by": by, "now": request.now, **form.cleaned_data}
    return tried(clearance, form, lambda: consents.decide(clearance, answer == "yes", **given))


def _consent_context(request, link: SignedLink, clearance: Clearance, form, problem: str | None) -> dict:
    placement, school = clearance.placement, clearance.school
    own = clearance.evidence.get("link") == link.pk
    ahead = placement.state in consents.ASKABLE
    return {
        "title": _("May your child take part?") if clearance.state == "open" and ahead else _("Your decision"),
        "languages_offered": languages_offered(),
        "clearance": clearance,
        "placement": placement,
        "offer": placement.session.opportunity,
        "school": school,
        "child": clearance.student,
        "facts": rows.facts(placement)[:3],
        "open": clearance.state == "open" and ahead,
        "ahead": ahead,
        "may_withdraw": placement.state in consents.STANDS,
        "refused": own and clearance.state == "open" and clearance.evidence.get("agreed") is False,
        "evidence": clearance.evidence if own else {},
        "form": form,
        "problem": problem,
    }

"""Lists of employers in the back office: uploaded, looked at, imported, undone."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from employers import import_words, importing
from employers.forms_imports import ColumnsForm, ListForm
from employers.import_plan import NEW, OUT, ImportPlan, PlannedLine, plan_import
from employers.import_undo import plan_undo, undo_import
from employers.models import EmployerImport
from employers.sheet_reading import MOST_BYTES
from hubs.columns import WhenColumn
from hubs.errors import CannotAct, Refused
from hubs.models import HUB_ROLES, HUB_STAFF
from hubs.views_admin import DetailView, HubAccess, HubFilterSet, Verb, hub_actor, staff_only
from hubs.viewsets import HubViewSet

ON_A_PAGE = 100
AT_WORK = ("queued", "running")
LOOK_AGAIN_SECONDS = 5


class ImportFilterSet(HubFilterSet):
    class Meta:
        model = EmployerImport
        fields = ["state"]


class _StaffForm(HubAccess, WagtailAdminTemplateMixin, FormView):
    """A form for those who may act; what the domain refuses stands above it."""

    header_icon = "upload"
    index_url_name = inspect_url_name = columns_url_name = ""
    model: type | None = None

    def get(self, request, *args, **kwargs):
        staff_only(request)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        staff_only(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            kept, where = self.save(form)
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse(where, args=[kept.pk]))

    def get_breadcrumbs_items(self):
        return [{"url": reverse(self.index_url_name), "label": _("Lists of employers")},
                {"url": "", "label": str(self.page_title)}]  # fmt: skip


class UploadView(_StaffForm):
    form_class = ListForm
    template_name = "employers/admin/list_upload.html"
    page_title = gettext_lazy("Import employers")

    def save(self, form) -> tuple[EmployerImport, str]:
        file = form.cleaned_data["file"]
        data = file.read(MOST_BYTES + 1)
        hub, how = self.request.hub, {"by": hub_actor(self.request), "now": self.request.now}
        kept = importing.keep_list(hub, data, file_name=file.name, **how)
        return kept, self.inspect_url_name if "name" in kept.columns else self.columns_url_name


class ColumnsView(_StaffForm):
    form_class = ColumnsForm
    template_name = "employers/admin/list_columns.html"
    page_title = gettext_lazy("Which column is which?")

    def get_form_kwargs(self) -> dict[str, Any]:
        waiting = self.rows().filter(state="waiting")
        return {**super().get_form_kwargs(), "kept": get_object_or_404(waiting, pk=self.kwargs["pk"])}

    def save(self, form) -> tuple[EmployerImport, str]:
        how = {"by": hub_actor(self.request), "now": self.request.now}
        importing.say_columns(form.kept, form.columns(), **how)
        return form.kept, self.inspect_url_name


class ListView(DetailView):
    def render_to_response(self, context, **kwargs):
        answer = super().render_to_response(context, **kwargs)
        if self.object.state in AT_WORK:
            answer["Refresh"] = str(LOOK_AGAIN_SECONDS)  # nothing is typed here that could be lost
        return answer


class LinesView(HubAccess, View):
    """POST only; its buttons stand on the list's page. What is said of the lines shown is kept first, whichever was
    pressed: an import then goes by it, or says that something changed."""

    model: type | None = None
    inspect_url_name = ""

    def post(self, request, pk: int):
        kept = get_object_or_404(self.rows(), pk=pk)
        staff_only(request)
        try:
            said = self.act(request, kept, {"by": hub_actor(request), "now": request.now})
        except CannotAct as refusal:
            raise PermissionDenied from refusal
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, said)
        page = request.POST.get("page") or request.POST.get("p", "")
        here = reverse(self.inspect_url_name, args=[pk])
        return HttpResponseRedirect(f"{here}?p={page}" if page.isdecimal() and kept.state == "waiting" else here)

    def act(self, request, kept: EmployerImport, how: dict[str, Any]) -> str:
        posted = request.POST
        if "import" in posted and kept.state in AT_WORK:
            return _("It is being imported already.")  # pressed twice
        importing.choose(kept, _choices(posted), **how)
        if "import" in posted:
            importing.confirm_list(kept, seen=posted.get("seen", ""), inviting="inviting" in posted, **how)
            later = _("Confirmed. It is imported now; this page says when that is done.")
            return _("Imported.") if kept.state == "imported" else later
        if rest := posted.get("rest"):
            importing.choose_for_the_rest(kept, rest, **how)
        return _("Kept. Nothing is imported yet.")


def _choices(posted) -> dict[int, str]:
    """Numbers of lines as the page sent them; what is none is nothing."""
    found = {name.removeprefix("line-"): value[:20] for name, value in posted.items() if name.startswith("line-")}
    return {int(line): value for line, value in found.items() if line.isascii() and line.isdecimal() and len(line) < 9}


class EmployerImportViewSet(HubViewSet):
    model = EmployerImport
    name = "employer-imports"
    who = {"view": HUB_ROLES, "add": HUB_STAFF}
    icon = "upload"
    menu_label = gettext_lazy("Lists of employers")
    menu_order = 21
    add_to_admin_menu = True
    add_view_class = UploadView
    inspect_view_class = ListView
    related = ("uploaded_by",)
    ordering = ("-uploaded_at", "-pk")
    list_display = (
        TitleColumn("file_name", label=gettext_lazy("File"), accessor=str, url_name="employer-imports:inspect"),
        Column("state", label=gettext_lazy("State"), accessor="get_state_display", sort_key="state"),
        Column("uploaded_by", label=gettext_lazy("Uploaded by"), accessor=lambda row: row.uploaded_by or ""),
        WhenColumn("uploaded_at", label=gettext_lazy("Uploaded"), sort_key="uploaded_at"),
    )
    filterset_class = ImportFilterSet
    search_fields = ("file_name",)
    panels = ()
    verbs = (
        Verb(
            "drop", gettext_lazy("Put aside"), to="dropped", tone="stop",
            run=lambda row, text, **how: importing.drop_list(row, **how),
            binding=gettext_lazy("Nothing is imported, and what was read of the file is forgotten."),
        ),
        Verb(
            "take-back", gettext_lazy("Not yet"), to="waiting", when=("queued",),
            run=lambda row, text, **how: importing.take_back_list(row, **how),
            binding=gettext_lazy("Nothing is imported; the list waits for you as it was."),
        ),
        Verb(
            "undo", gettext_lazy("Undo the import"), to="undone", tone="stop",
            run=lambda row, text, **how: undo_import(row, **how) and None,
            binding=gettext_lazy(
                "Employers, sites, contacts and notes of this list are removed where nothing hangs on them yet, and "
                "facts it added are emptied where they still read the same. The rest stays; the page of the list says "
                "which."
            ),
        ),
    )  # fmt: skip
    detail_template = "employers/admin/list.html"
    inspect_view_fields = ("file_name", "state", "uploaded_by", "uploaded_at", "imported_at")

    def more_of(self, request, row: EmployerImport) -> dict:
        here = {"index_url": reverse(self.get_url_name("index")), "add_url": reverse(self.get_url_name("add"))}
        if row.state == "waiting":
            return here | self._waiting(request, row)
        if row.state == "imported":
            here["undoing"] = plan_undo(row)
        if row.state in AT_WORK:
            return here | {"at_work": len(row.lines)}
        return here | {"counts": row.outcome.get("counts"), "undone": row.outcome.get("undone")}

    def _waiting(self, request, row: EmployerImport) -> dict:
        urls = {f"{one}_url": reverse(self.get_url_name(one), args=[row.pk]) for one in ("columns", "lines")}
        notes = [import_words.note(code) for code in row.notes]
        if "name" not in row.columns:
            return {**urls, "list_notes": notes, "needs_columns": True}
        plan = plan_import(row)
        page = Paginator(_in_order(plan), ON_A_PAGE).get_page(request.GET.get("p"))
        return {
            **urls, "list_notes": notes, "plan": plan, "counts": plan.counts(), "digest": plan.digest,
            "lines_page": page, "shown": [_shown(line) for line in page],
            "to_decide": import_words.to_decide(len(plan.undecided)),
            "problems": [import_words.problem(one) for one in plan.problems],
        }  # fmt: skip

    def get_add_view_kwargs(self):
        """A file, and not a form of the row."""
        mine = {"form_class": UploadView.form_class, "template_name": UploadView.template_name}
        return {**super().get_add_view_kwargs(), **mine}

    @property
    def columns_view(self):
        return self.construct_view(ColumnsView)

    @property
    def lines_view(self):
        return self.construct_view(LinesView)

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(columns_url_name=self.get_url_name("columns"), **kwargs)

    def get_urlpatterns(self):
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/columns/", self.columns_view, name="columns"),
            path("<int:pk>/lines/", self.lines_view, name="lines"),
        ]


def _in_order(plan: ImportPlan) -> list[PlannedLine]:
    """What looks like somebody first, the doubtful before the sure, then the file's order: the same whatever is said,
    so that no line changes page between two looks. Unusable lines are named above and not shown."""
    usable = [line for line in plan.lines if line.row.is_usable]

    def place(line: PlannedLine) -> tuple[bool, bool, int]:
        return not line.likenesses, any(like.is_sure for like in line.likenesses), line.row.line

    return sorted(usable, key=place)


def _shown(line: PlannedLine) -> dict[str, Any]:
    """One line as the page draws it."""
    values, step, names = line.row.values, line.step, import_words.added_names()
    options = [(NEW, _("a new employer")), (OUT, _("leave out"))]
    alike = [(str(like.firm.key), import_words.firm_name(like)) for like in line.likenesses]
    options[1:1] = [(key, _("the same as %(name)s") % {"name": name}) for key, name in alike]
    place = ", ".join(values[one] for one in ("town", "postcode") if one in values)
    why = [import_words.why_alike(like) for like in line.likenesses]
    person = " · ".join(values[one] for one in ("person", "email") if one in values)
    return {
        "line": line.row.line, "name": values["name"], "place": place, "person": person, "choice": line.choice,
        "options": options if line.choice else [("", _("say which it is")), *options],
        "alike": [(name, reasons) for (_key, name), reasons in zip(alike, why, strict=True)],
        "called": step.name if step and step.makes and step.name != values["name"] else "",
        "adds": ", ".join(names[one] for one in step.adds) if step and not step.makes else "",
        "is_empty": bool(step and step.is_empty),
    }  # fmt: skip

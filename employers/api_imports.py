"""Lists of employers for clients of the hub's staff: the verbs of the pages."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from employers import import_words, importing
from employers.import_plan import NEW, OUT, ImportPlan, PlannedLine, plan_import
from employers.import_undo import undo_import
from employers.models import EmployerImport
from employers.sheet_reading import MOST_BYTES
from hubs.api import Rows, idempotent


class EmployerImportSerializer(serializers.ModelSerializer):
    """`columns` has a field for each heading of `header`, "" for one that is left out. `problem` says why a long list,
    which is imported after the answer, could not be. `outcome` counts what came of it."""

    outcome = serializers.SerializerMethodField()

    class Meta:
        model = EmployerImport
        fields = (
            "id", "file_name", "state", "header", "columns", "problem", "uploaded_by", "uploaded_at", "imported_at",
            "outcome",
        )  # fmt: skip
        read_only_fields = fields

    def get_outcome(self, row: EmployerImport) -> dict[str, int]:
        return row.outcome.get("counts", {})


class ListFileSerializer(serializers.Serializer):
    """CSV or .xlsx, 2 MB and 1,000 lines at most, headings first."""

    file = serializers.FileField()


class ListColumnsSerializer(serializers.Serializer):
    columns = serializers.ListField(child=serializers.CharField(allow_blank=True, max_length=20), max_length=200)


class ChoicesSerializer(serializers.Serializer):
    """`choices`: for lines by their number "new", "out" or the key of a likeness. `rest`, "new" or "out", is said of
    all lines that are undecided after that."""

    choices = serializers.DictField(child=serializers.CharField(max_length=20), required=False)
    rest = serializers.ChoiceField(choices=[NEW, OUT], required=False)

    def validate_choices(self, given: dict[str, str]) -> dict[int, str]:
        if strange := [line for line in given if not (line.isascii() and line.isdecimal() and len(line) < 10)]:
            said = _("“%(line)s” is no number of a line. Name lines by their `line` in the plan.")
            raise serializers.ValidationError(said % {"line": strange[0][:40]})
        return {int(line): choice for line, choice in given.items()}


class ConfirmSerializer(serializers.Serializer):
    """`digest` of the plan that was looked at: nothing else is done. `inviting`: contacts of new employers are invited
    by e-mail."""

    digest = serializers.CharField(max_length=32)
    inviting = serializers.BooleanField(default=False)


class LikenessSerializer(serializers.Serializer):
    """`key`: an employer's number, or minus the line of the list it is like."""

    key = serializers.IntegerField(source="firm.key")
    name = serializers.CharField(source="firm.name")
    why = serializers.SerializerMethodField()
    is_sure = serializers.BooleanField()

    def get_why(self, like) -> str:
        return import_words.why_alike(like)


class ListLineSerializer(serializers.Serializer):
    """`choice` is "" while a person has to say; `adds` names what the line would bring."""

    line = serializers.IntegerField(source="row.line")
    values = serializers.DictField(source="row.values", child=serializers.CharField())
    likenesses = LikenessSerializer(many=True)
    choice = serializers.CharField()
    adds = serializers.SerializerMethodField()

    def get_adds(self, line: PlannedLine) -> list[str]:
        return line.step.adds if line.step else []


class ImportPlanSerializer(serializers.Serializer):
    """What importing would do now, line by line; unusable lines are named in `problems` alone."""

    digest = serializers.CharField()
    counts = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()

    def get_counts(self, plan: ImportPlan) -> dict[str, int]:
        return plan.counts()

    def get_problems(self, plan: ImportPlan) -> list[str]:
        return [import_words.problem(one) for one in plan.problems]

    @extend_schema(responses=ListLineSerializer(many=True))
    def get_lines(self, plan: ImportPlan) -> list[dict]:
        return ListLineSerializer([line for line in plan.lines if line.row.is_usable], many=True).data


class EmployerImportViewSet(Rows):
    """Lists of the hub; only its own people see them, and only its staff acts."""

    model = EmployerImport
    queryset = EmployerImport.objects.none()
    serializer_class = EmployerImportSerializer

    def _answer(self, row: EmployerImport) -> Response:
        return self.shown(row, EmployerImportSerializer)

    @extend_schema(request=ListFileSerializer)
    @idempotent
    def create(self, request):
        """Upload a list. Nothing is imported yet."""
        file = self.given(ListFileSerializer)["file"]
        data, how = file.read(MOST_BYTES + 1), {"by": self.actor, "now": request.now}
        row = importing.keep_list(request.hub, data, file_name=file.name, **how)
        return self.shown(row, EmployerImportSerializer, status.HTTP_201_CREATED)

    @extend_schema(responses=ImportPlanSerializer)
    @action(detail=True, methods=["get"], pagination_class=None)
    def plan(self, request, pk=None):
        """What it would do now, each line with the employers it is like. Empty once it is over."""
        return self.shown(plan_import(self.get_object()), ImportPlanSerializer)

    @extend_schema(request=ListColumnsSerializer)
    @action(detail=True, methods=["post"])
    def columns(self, request, pk=None):
        """Say which column is which."""
        row, given = self.get_object(), self.given(ListColumnsSerializer)
        importing.say_columns(row, given["columns"], by=self.actor, now=request.now)
        return self._answer(row)

    @extend_schema(request=ChoicesSerializer, responses=ImportPlanSerializer)
    @action(detail=True, methods=["post"])
    def choices(self, request, pk=None):
        """Say of lines what they are; the plan as it is then."""
        row, given, how = self.get_object(), self.given(ChoicesSerializer), {"by": self.actor, "now": request.now}
        importing.choose(row, given.get("choices", {}), **how)
        if "rest" in given:
            importing.choose_for_the_rest(row, given["rest"], **how)
        return self.shown(plan_import(row), ImportPlanSerializer)

    @extend_schema(request=ConfirmSerializer)
    @action(detail=True, methods=["post"])
    @idempotent
    def confirm(self, request, pk=None):
        """Import it, all or nothing: a short list at once, a long one after the answer, whose `state` says so."""
        row, given = self.get_object(), self.given(ConfirmSerializer)
        how = {"by": self.actor, "now": request.now}
        importing.confirm_list(row, seen=given["digest"], inviting=given["inviting"], **how)
        return self._answer(row)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request, pk=None):
        """Confirmed, and not begun yet: it waits again."""
        row = self.get_object()
        importing.take_back_list(row, by=self.actor, now=request.now)
        return self._answer(row)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="put-aside")
    def put_aside(self, request, pk=None):
        """Nothing is imported, and what was read of it is forgotten."""
        row = self.get_object()
        importing.drop_list(row, by=self.actor, now=request.now)
        return self._answer(row)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def undo(self, request, pk=None):
        """Take back what nothing hangs on yet; the rest stays."""
        row = self.get_object()
        undo_import(row, by=self.actor, now=request.now)
        return self._answer(row)


ROUTES = {"employer-imports": EmployerImportViewSet}

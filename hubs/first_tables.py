"""The first tables of an app, made in one step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class FirstTables(Operation):
    """Makes each table in the shape it has once all `operations` are known.

    Run one by one, each renders anew every model that points at a changed one, which here is nearly
    all: half of a first `migrate`, for the same tables. Only new tables and what belongs to them may
    be among the operations; anything else is a ValueError.
    """

    def __init__(self, operations: Sequence[CreateModel | AddField | AddConstraint | AddIndex]) -> None:
        self.operations = operations
        self.new = [operation.name for operation in operations if isinstance(operation, CreateModel)]
        made = {name.lower() for name in self.new}
        for operation in operations:
            if not isinstance(operation, CreateModel) and operation.model_name.lower() not in made:
                raise ValueError(f"{operation!r} changes a table that is not new here.")

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.clear_delayed_apps_cache()
        state.__dict__.pop("apps", None)  # rendered once, when the tables are made
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for name in self.new:
            model = to_state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                schema_editor.create_model(model)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for name in reversed(self.new):
            schema_editor.delete_model(from_state.apps.get_model(app_label, name))

    def describe(self) -> str:
        return f"Make the tables of {', '.join(self.new)}"

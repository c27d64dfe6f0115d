"""What many migrations changed of an app's tables, made in one step."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, AlterField, CreateModel, RemoveConstraint
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

Change = CreateModel | AddField | AlterField | AddConstraint | RemoveConstraint | AddIndex


class FoldedChanges(Operation):
    """Does `operations` with the models as they are before all of them and after, rendered once each.

    One by one, each renders anew every model that points at a changed one. New tables are made in the
    shape they end with. A field that older tables have is named in one operation only; a second is a
    ValueError, for neither of the two states would show what the first made of it.
    """

    reversible = False

    def __init__(self, operations: Sequence[Change]) -> None:
        self.operations = operations
        self.new = [operation.name for operation in operations if isinstance(operation, CreateModel)]
        made = {name.lower() for name in self.new}
        self.changes = [
            operation
            for operation in operations
            if not isinstance(operation, CreateModel) and operation.model_name.lower() not in made
        ]
        self.older = sorted({operation.model_name.lower() for operation in self.changes})
        fields = [
            (operation.model_name.lower(), operation.name)
            for operation in self.changes
            if isinstance(operation, AddField | AlterField)
        ]
        for field in fields:
            if fields.count(field) > 1:
                raise ValueError(f"{'.'.join(field)} is changed more than once.")

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.clear_delayed_apps_cache()
        state.__dict__.pop("apps", None)  # rendered once, when the tables are changed
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "sqlite":
            for operation in self.changes:
                operation.database_forwards(app_label, schema_editor, from_state, to_state)
        elif self._hold_rows(app_label, schema_editor, from_state):
            # SQLite changes a table by copying it into one of the shape before and one column more.
            self._one_by_one(app_label, schema_editor, from_state)
            return
        else:
            for name in self.older:
                schema_editor.delete_model(from_state.apps.get_model(app_label, name))
                schema_editor.create_model(to_state.apps.get_model(app_label, name))
        for name in self.new:
            schema_editor.create_model(to_state.apps.get_model(app_label, name))

    def _hold_rows(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> bool:
        alias = schema_editor.connection.alias
        return any(state.apps.get_model(app_label, name).objects.using(alias).exists() for name in self.older)

    def _one_by_one(self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, state: ProjectState) -> None:
        for operation in self.operations:
            after = state.clone()
            operation.state_forwards(app_label, after)
            operation.database_forwards(app_label, schema_editor, state, after)
            state = after

    def describe(self) -> str:
        return f"Change {', '.join(self.older)} and make the tables of {', '.join(self.new)}"

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from hubs.first_tables import FirstTables

SHELF = migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))])
BOOK = migrations.CreateModel("Book", [("id", models.BigAutoField(primary_key=True)), ("title", models.TextField())])
STANDS_ON = migrations.AddField("book", "shelf", models.ForeignKey("library.shelf", models.CASCADE))
TITLED = models.CheckConstraint(condition=~models.Q(title=""), name="book_titled")


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_tables_come_in_their_last_shape_and_go_again():
    operation = FirstTables([SHELF, BOOK, STANDS_ON, migrations.AddConstraint("book", TITLED)])
    before, after = ProjectState(), ProjectState()
    operation.state_forwards("library", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("library", editor, before, after)
    try:
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, "library_book")
            constraints = connection.introspection.get_constraints(cursor, "library_book")
        assert [column.name for column in columns] == ["id", "title", "shelf_id"]
        assert constraints["book_titled"]["check"]
        assert ("library_shelf", "id") in [each["foreign_key"] for each in constraints.values()]
    finally:
        with connection.schema_editor() as editor:
            operation.database_backwards("library", editor, after, before)
    assert not {"library_book", "library_shelf"} & set(connection.introspection.table_names())


def test_what_changes_an_older_table_is_refused():
    with pytest.raises(ValueError, match="not new here"):
        FirstTables([BOOK, migrations.AddConstraint("shelf", TITLED)])

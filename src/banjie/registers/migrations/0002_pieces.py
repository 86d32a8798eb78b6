"""The index behind search: pieces of text, in what each database has for it (see search.py)."""

from django.db import migrations

POSTGRES = [
    "CREATE TABLE registers_piece (record_id bigint PRIMARY KEY, pieces text[] NOT NULL)",
    "CREATE INDEX registers_piece_pieces ON registers_piece USING gin (pieces)",
]
SQLITE = ["CREATE VIRTUAL TABLE registers_piece USING fts5(pieces, detail=none, columnsize=0)"]


def make(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE registers_piece")


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]

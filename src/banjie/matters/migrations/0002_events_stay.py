"""The database's own refusal to alter what happened to a clock."""

from django.db import migrations

TABLE = "matters_clockevent"
SQLITE = [f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"]
POSTGRES = [
    "CREATE FUNCTION matters_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
    f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION matters_is_append_only()",
]


def put_up(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
            cursor.execute(statement, [] if "%%" in statement else None)


def take_down(apps, schema_editor):
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER {TABLE}_no_update{on}")
    if on:
        schema_editor.execute("DROP FUNCTION matters_is_append_only()")


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]

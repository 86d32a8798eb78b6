"""The database's own refusal to alter the trail, and the index by transaction that PostgreSQL alone needs."""

from django.db import migrations

from banjie.ledger import guards


def put_up(apps, schema_editor):
    guards.put_up(schema_editor.connection)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX ledger_entry_by_transaction ON ledger_entry (tx)")


def take_down(apps, schema_editor):
    guards.take_down(schema_editor.connection)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX ledger_entry_by_transaction")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was frozen when a ballot opened, and that a household took part, is not altered: the database itself refuses it.
FROZEN = {
    "matters_ballot": (
        "matter_id", "code", "question", "rule", "rule_digest", "electorate_digest", "heads", "area", "opened_at", "opened_by_id",
    ),
    "matters_elector": ("id", "ballot_id", "household", "area"),
    "matters_turnout": ("elector_id", "way", "day", "evidence_id"),
}  # fmt: skip


def freeze(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        if postgres:
            cursor.execute(
                "CREATE FUNCTION matters_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION '% is frozen', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
                None,
            )
        for table, columns in FROZEN.items():
            does = (
                "FOR EACH ROW EXECUTE FUNCTION matters_is_frozen()" if postgres
                else f"BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END"
            )  # fmt: skip
            cursor.execute(f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {', '.join(columns)} ON {table} {does}", None)


def thaw(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    for table in FROZEN:
        schema_editor.execute(f"DROP TRIGGER {table}_frozen{f' ON {table}' if postgres else ''}")
    if postgres:
        schema_editor.execute("DROP FUNCTION matters_is_frozen()")


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0002_events_stay"),
        ("registers", "0002_pieces"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Elector",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("household", models.CharField(max_length=200)),
                ("area", models.DecimalField(decimal_places=4, max_digits=14)),
                ("code_hash", models.CharField(max_length=64, null=True, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Ballot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("question", models.TextField()),
                ("rule", models.JSONField()),
                ("rule_digest", models.CharField(max_length=64)),
                ("electorate_digest", models.CharField(max_length=64)),
                ("heads", models.PositiveIntegerField()),
                ("area", models.DecimalField(decimal_places=4, max_digits=16)),
                ("opened_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("extensions", models.PositiveIntegerField(default=0)),
                ("codes_issued", models.BooleanField(default=False)),
                ("tally", models.BinaryField(default=bytes)),
                ("closed_at", models.DateTimeField(null=True)),
                ("state", models.CharField(choices=[("open", "open"), ("closed", "closed")], default="open", max_length=6)),
                ("result", models.JSONField(null=True)),
                (
                    "matter",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="ballots", to="matters.matter"),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Turnout",
            fields=[
                (
                    "elector",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="turnout",
                        serialize=False,
                        to="matters.elector",
                    ),
                ),
                ("way", models.CharField(choices=[("code", "code"), ("paper", "paper")], max_length=5)),
                ("day", models.DateField()),
            ],
        ),
        migrations.AddField(
            model_name="elector",
            name="ballot",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="electors", to="matters.ballot"),
        ),
        migrations.AddIndex(
            model_name="ballot",
            index=models.Index(fields=["state", "closes_at"], name="ballot_by_closing"),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(condition=models.Q(("state", "open")), fields=("matter",), name="ballot_one_open"),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("result__isnull", True), ("state", "open")),
                    models.Q(("closed_at__isnull", False), ("result__isnull", False), ("state", "closed")),
                    _connector="OR",
                ),
                name="ballot_closed_with_a_result",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opened_at"))), name="ballot_closes_after_opening"
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at__isnull", True), ("closed_at__gte", models.F("closes_at")), _connector="OR"),
                name="ballot_not_closed_early",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(("area__gt", 0), ("heads__gte", 1)), name="ballot_has_an_electorate"
            ),
        ),
        migrations.AddField(
            model_name="turnout",
            name="evidence",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registers.storedfile"
            ),
        ),
        migrations.AddConstraint(
            model_name="elector",
            constraint=models.UniqueConstraint(fields=("ballot", "household"), name="elector_one_household_one_ballot"),
        ),
        migrations.AddConstraint(
            model_name="elector",
            constraint=models.CheckConstraint(condition=models.Q(("area__gt", 0)), name="elector_has_area"),
        ),
        migrations.AddConstraint(
            model_name="turnout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("evidence__isnull", True), ("way", "code")),
                    models.Q(("evidence__isnull", False), ("way", "paper")),
                    _connector="OR",
                ),
                name="turnout_on_paper_is_signed",
            ),
        ),
        migrations.RunPython(freeze, thaw),
    ]

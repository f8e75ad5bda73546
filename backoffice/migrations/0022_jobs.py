"""Work people start and watch."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0021_guard_letters"),
    ]

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                ("arguments", models.JSONField(default=dict)),
                (
                    "area",
                    models.CharField(
                        choices=[
                            ("accounting", "Ledger, invoices and bills"),
                            ("accounting.pay", "Payments and bank details"),
                            ("accounting.close", "Closing periods"),
                            ("hr", "Staff records"),
                            ("hr.private", "Private staff facts"),
                            ("hr.leave", "Leave"),
                            ("hr.hiring", "Hiring"),
                            ("payroll", "Payslips and pay terms"),
                            ("payroll.run", "Pay runs"),
                            ("marketing", "Campaigns and segments"),
                            ("marketing.send", "Sending campaigns"),
                            ("it_assets", "Hardware and software"),
                            ("it_assets.tickets", "Tickets"),
                            ("admin_desk", "Calls, mail, visitors and rooms"),
                            ("admin_desk.doors", "Entry rights"),
                            ("directory", "People and firms outside"),
                            ("office", "Company, departments, staff and roles"),
                            ("audit", "Trail"),
                        ],
                        max_length=30,
                        verbose_name="area",
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "view"),
                            (2, "edit"),
                            (3, "approve"),
                            (4, "manage"),
                        ],
                        default=1,
                        verbose_name="level",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                            ("stopped", "stopped"),
                        ],
                        default="waiting",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done so far")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="to do")),
                ("log", models.JSONField(default=list)),
                (
                    "sentence",
                    models.CharField(blank=True, max_length=500, verbose_name="how it ended"),
                ),
                (
                    "result_url",
                    models.CharField(blank=True, max_length=300, verbose_name="result"),
                ),
                ("stop_asked", models.BooleanField(default=False, verbose_name="asked to stop")),
                ("run", models.PositiveSmallIntegerField(default=1, verbose_name="run")),
                (
                    "queue_id",
                    models.BigIntegerField(null=True, verbose_name="number in the queue"),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("started_at", models.DateTimeField(null=True, verbose_name="began")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "job",
                "verbose_name_plural": "jobs",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(fields=["made_by", "-id"], name="jobs_of_a_person"),
                    models.Index(
                        condition=models.Q(("state", "running")),
                        fields=["id"],
                        name="jobs_running",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", True), ("state__in", ("waiting", "running"))
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ("done", "failed", "stopped")),
                            ),
                            _connector="OR",
                        ),
                        name="job_ends_at_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("total", 0), ("done__lte", models.F("total")), _connector="OR"
                        ),
                        name="job_does_no_more_than_all",
                    ),
                ],
            },
        ),
    ]

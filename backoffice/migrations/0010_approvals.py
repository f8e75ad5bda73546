"""What waits for a second person, and what of a right is given."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def person(verbose_name: str, **facts: str) -> models.ForeignKey:
    """Somebody on the staff, or nobody."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        django.db.models.deletion.PROTECT,
        null=True,
        related_name="+",
        verbose_name=verbose_name,
        **facts,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0006_attachments"),
    ]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="given_from",
            field=models.DateField(editable=False, null=True, verbose_name="given from"),
        ),
        migrations.AddField(
            model_name="assignment",
            name="given_until",
            field=models.DateField(editable=False, null=True, verbose_name="given until"),
        ),
        migrations.AddField(
            model_name="company",
            name="works_alone",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Who made something may approve it, with the password and a reason.",
                verbose_name="one person works alone",
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="manager_waits",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="appointment waits"
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="given_level",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "nothing"), (1, "view"), (2, "edit"), (3, "approve"), (4, "manage")],
                default=0,
                editable=False,
                verbose_name="given level",
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="given_reach",
            field=models.CharField(
                choices=[("own", "own"), ("department", "department and below"), ("all", "all")],
                default="own",
                editable=False,
                max_length=10,
                verbose_name="given reach",
            ),
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                ("record_key", models.CharField(max_length=64)),
                ("verb", models.CharField(max_length=40, verbose_name="kind")),
                ("title", models.CharField(max_length=200, verbose_name="what")),
                ("url", models.CharField(blank=True, max_length=200)),
                ("detail", models.JSONField(default=list, verbose_name="changes")),
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
                        verbose_name="level",
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="fingerprint")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                            ("cleared", "cleared"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="asked")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("decided_on", models.DateField(null=True, verbose_name="decided on")),
                ("why", models.CharField(blank=True, max_length=400, verbose_name="reason")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "ended_why",
                    models.CharField(blank=True, max_length=400, verbose_name="why it ended"),
                ),
                (
                    "alone_by",
                    person("approved alone by"),
                ),
                (
                    "approved_by",
                    person("approved by"),
                ),
                (
                    "department",
                    models.ForeignKey(
                        help_text="Who reaches this department decides as well.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="backoffice.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "ended_by",
                    person("ended by"),
                ),
                (
                    "for_whom",
                    person("in place of"),
                ),
                (
                    "made_by",
                    person(
                        "asked by",
                        help_text="Empty where a command did it: that waits for nobody.",
                    ),
                ),
                (
                    "refused_by",
                    person("refused by"),
                ),
            ],
            options={
                "verbose_name": "approval",
                "verbose_name_plural": "approvals",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(
                        fields=["label", "record_key", "verb", "state"], name="approval_of_record"
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["area", "level"],
                        name="approval_waiting",
                    ),
                    models.Index(fields=["made_by", "id"], name="approval_by_maker"),
                    models.Index(
                        condition=models.Q(("alone_by__isnull", False)),
                        fields=["decided_on"],
                        name="approval_alone",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("label", "record_key", "verb"),
                        name="approval_waits_once",
                        violation_error_message="This waits for an approval already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("approved_by", None),
                                models.Q(("approved_by", models.F("made_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("refused_by", None),
                                models.Q(("refused_by", models.F("made_by")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="maker_does_not_decide",
                        violation_error_message="Who made something does not decide about it.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("for_whom", None),
                            models.Q(
                                models.Q(("for_whom", models.F("made_by")), _negated=True),
                                models.Q(
                                    models.Q(
                                        ("approved_by__isnull", False),
                                        models.Q(
                                            ("approved_by", models.F("for_whom")), _negated=True
                                        ),
                                    ),
                                    models.Q(
                                        ("refused_by__isnull", False),
                                        models.Q(
                                            ("refused_by", models.F("for_whom")), _negated=True
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="delegate_decides_for_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("alone_by", None),
                            models.Q(
                                ("alone_by", models.F("made_by")),
                                ("made_by__isnull", False),
                                models.Q(("why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="alone_is_the_maker_with_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None),
                                ("state__in", ["waiting", "withdrawn", "cleared"]),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("state__in", ["approved", "refused", "cleared"]),
                            ),
                            _connector="OR",
                        ),
                        name="decision_has_its_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("alone_by", None),
                                ("approved_by", None),
                                ("refused_by", None),
                                ("made_by__isnull", False),
                                models.Q(("state", "approved"), _negated=True),
                            ),
                            models.Q(
                                ("alone_by", None),
                                ("approved_by", None),
                                ("refused_by", None),
                                ("made_by", None),
                                ("state__in", ["approved", "cleared"]),
                            ),
                            models.Q(
                                ("refused_by", None),
                                models.Q(
                                    models.Q(("alone_by", None), ("approved_by__isnull", False)),
                                    models.Q(("alone_by__isnull", False), ("approved_by", None)),
                                    _connector="OR",
                                ),
                                ("made_by__isnull", False),
                                ("state__in", ["approved", "cleared"]),
                            ),
                            models.Q(
                                ("alone_by", None),
                                ("approved_by", None),
                                ("refused_by__isnull", False),
                                ("made_by__isnull", False),
                                ("state", "refused"),
                                models.Q(("why", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="decision_names_who_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="approval_is_of_a_text",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delegation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="first day away")),
                ("ends_on", models.DateField(verbose_name="last day away")),
                (
                    "delegate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegated",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who decides meanwhile",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delegations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who is away",
                    ),
                ),
            ],
            options={
                "verbose_name": "delegation",
                "verbose_name_plural": "delegations",
                "ordering": ("-starts_on", "-pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="delegation_ends_after_it_starts",
                        violation_error_message="It cannot end before it starts.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delegate", models.F("user")), _negated=True),
                        name="delegate_is_somebody_else",
                        violation_error_message="Choose somebody else.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("made_by", models.F("user")),
                            models.Q(("made_by", models.F("delegate")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_delegates_to_themselves",
                        violation_error_message="You cannot put yourself in somebody's place.",
                    ),
                ],
            },
        ),
    ]

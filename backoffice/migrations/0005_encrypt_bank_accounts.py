"""IBAN and account number are kept encrypted, those that are there already as well."""

from django.db import migrations, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.encrypted_fields import EncryptedField, KeyBeforeInsert, MarkField

COLUMNS = {"iban": _("IBAN"), "number": _("account number")}


def encrypt(apps, schema_editor) -> None:
    """Seal what stands in the plain columns."""
    accounts = apps.get_model("backoffice", "BankAccount").objects.order_by("pk")
    for account in accounts.iterator():
        for column in COLUMNS:
            setattr(account, column, getattr(account, f"{column}_plain"))
        account.save(update_fields=[*COLUMNS, *(f"{column}_mark" for column in COLUMNS)])


def decrypt(apps, schema_editor) -> None:
    """Write the texts back; one that cannot be read stops the way back."""
    accounts = apps.get_model("backoffice", "BankAccount").objects.order_by("pk")
    # The trail knows nothing of these columns and would write the texts down.
    schema_editor.execute("alter table backoffice_bankaccount disable trigger user")
    for account in accounts.iterator():
        for column in COLUMNS:
            setattr(account, f"{column}_plain", getattr(account, column).whole)
        account.save(update_fields=[f"{column}_plain" for column in COLUMNS])
    schema_editor.execute("alter table backoffice_bankaccount enable trigger user")


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0004_trail")]

    operations = [
        migrations.AlterField(
            "bankaccount", "id", KeyBeforeInsert(primary_key=True, serialize=False)
        ),
        migrations.RemoveConstraint("bankaccount", "bank_account_has_a_number"),
        *(
            operation
            for column, label in COLUMNS.items()
            for operation in (
                migrations.RenameField("bankaccount", column, f"{column}_plain"),
                migrations.AlterField(
                    "bankaccount",
                    f"{column}_plain",
                    models.CharField(max_length=34, blank=True, default=""),
                ),
                migrations.AddField(
                    "bankaccount", column, EncryptedField(label, max_length=34, blank=True)
                ),
                migrations.AddField("bankaccount", f"{column}_mark", MarkField(of=column)),
            )
        ),
        migrations.RunPython(encrypt, decrypt),
        *(migrations.RemoveField("bankaccount", f"{column}_plain") for column in COLUMNS),
        migrations.AddConstraint(
            "bankaccount",
            models.CheckConstraint(
                condition=~Q(iban="") | ~Q(number=""),
                name="bank_account_has_a_number",
                violation_error_message=_("Give an IBAN or an account number."),
            ),
        ),
    ]

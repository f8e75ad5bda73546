"""What is owed is read from indexes alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounting", "0091_bank_rule_tax_code")]

    operations = [
        migrations.RemoveIndex(
            model_name="journalline",
            name="line_by_account",
        ),
        migrations.AddIndex(
            model_name="allocation",
            index=models.Index(
                condition=models.Q(("debit_base", models.F("credit_base")), _negated=True),
                fields=["on"],
                name="allocation_with_a_difference",
            ),
        ),
        migrations.AddIndex(
            model_name="duedate",
            index=models.Index(fields=["due_on"], include=("entry",), name="due_by_day"),
        ),
        migrations.AddIndex(
            model_name="journalline",
            index=models.Index(
                fields=["account", "date", "id"],
                include=("amount", "party", "entry"),
                name="line_with_its_party",
            ),
        ),
        migrations.AddIndex(
            model_name="journalline",
            index=models.Index(
                condition=models.Q(("currency_amount", 0)),
                fields=["account", "date"],
                name="line_of_base_alone",
            ),
        ),
    ]

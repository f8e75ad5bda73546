"""Lists are read in their order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounting", "0095_indexes_of_what_is_owed")]

    operations = [
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["date", "id"], name="invoice_by_day"),
        ),
        migrations.AddIndex(
            model_name="bill",
            index=models.Index(fields=["date", "id"], name="bill_by_day"),
        ),
        migrations.AddIndex(
            model_name="fixedasset",
            index=models.Index(fields=["number", "id"], name="asset_by_number"),
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["code", "-id"], name="item_by_code"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["on", "id"], name="payment_by_day"),
        ),
        migrations.AddIndex(
            model_name="statementline",
            index=models.Index(fields=["date", "id"], name="bank_line_of_any_account"),
        ),
    ]

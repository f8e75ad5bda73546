"""A claim shows its receipts, or says why there is none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounting", "0130_days_between_reminders"),
        ("backoffice", "0032_managers_read_their_budget"),
    ]

    operations = [
        migrations.AddField(
            model_name="expensekind",
            name="needs_receipt",
            field=models.BooleanField(
                default=True,
                help_text="Whether a claim takes a photo of the receipt, or the reason there is none.",
                verbose_name="needs a receipt",
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="no_receipt",
            field=models.CharField(
                blank=True,
                help_text="Whoever approves the claim reads it.",
                max_length=120,
                verbose_name="why there is no receipt",
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="photo",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="backoffice.attachment",
                verbose_name="photo",
            ),
        ),
    ]

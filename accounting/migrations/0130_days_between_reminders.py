"""A level of reminding comes so many days after the one before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounting", "0120_accounts_of_assets"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminderlevel",
            name="days_after_previous",
            field=models.PositiveSmallIntegerField(
                default=14,
                help_text="How long a customer has to answer the reminder of the level before.",
                verbose_name="days after the one before",
            ),
        ),
    ]

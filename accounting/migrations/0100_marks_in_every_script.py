"""A supplier's number is told apart by the letters and digits of every script."""

from django.db import migrations, models

from accounting.models.marks import NumberMark, mark_of

ONCE = models.UniqueConstraint(
    condition=models.Q(("duplicate_reason", ""), models.Q(("state", "refused"), _negated=True)),
    fields=("party", "kind", "reference_mark"),
    name="supplier_bill_is_entered_once",
    violation_error_message=(
        "A bill of this supplier with this number is here already. If it truly is another one,"
        " say why it is entered again."
    ),
)


def mark(apps, schema_editor) -> None:
    """Work out the mark of each bill there is."""
    bills = apps.get_model("accounting", "Bill").objects
    # Bills in the books are final, and the trail has nothing to tell of a mark.
    schema_editor.execute("alter table accounting_bill disable trigger user")
    for pk, reference in bills.values_list("pk", "reference").iterator():
        bills.filter(pk=pk).update(reference_mark=mark_of(reference))
    schema_editor.execute("alter table accounting_bill enable trigger user")


class Migration(migrations.Migration):
    dependencies = [("accounting", "0096_indexes_of_lists")]

    operations = [
        migrations.RemoveConstraint("bill", "supplier_bill_is_entered_once"),
        migrations.RemoveField("bill", "reference_mark"),
        migrations.AddField(
            "bill",
            "reference_mark",
            NumberMark(of="reference", default=""),
            preserve_default=False,
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
        migrations.AddConstraint("bill", ONCE),
    ]

"""Every manager reads the budget of the own department."""

from django.db import migrations

AREA, VIEW, DEPARTMENT = "accounting", 1, "department"


def grant(apps, schema_editor) -> None:
    """Let the role managers have by themselves read the department's figures."""
    Role = apps.get_model("backoffice", "Role")
    Grant = apps.get_model("backoffice", "Grant")
    for role in Role.objects.filter(given="managers"):
        Grant.objects.get_or_create(
            role=role, area=AREA, defaults={"level": VIEW, "reach": DEPARTMENT}
        )


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0031_guard_attachments")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]

"""A file is taken off its record's page, never out of the database: it may prove something."""

from django.db import migrations

GUARD = """
create function guard_attachments_stay() returns trigger language plpgsql as $$
begin
    raise exception 'A file is removed from its record, not deleted.'
      using errcode = 'check_violation', constraint = 'files_are_not_deleted';
end $$;
create trigger files_are_not_deleted before delete on backoffice_attachment
  for each statement execute function guard_attachments_stay();
"""
WITHOUT_GUARD = """
drop trigger files_are_not_deleted on backoffice_attachment;
drop function guard_attachments_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0030_sent_forms")]

    operations = [migrations.RunSQL(GUARD, WITHOUT_GUARD)]

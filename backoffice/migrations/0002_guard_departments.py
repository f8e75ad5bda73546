"""Departments form a tree below the company's root."""

from django.db import migrations

TREE = """
create function guard_departments() returns trigger language plpgsql as $$
declare
    above bigint := new.parent_id;
begin
    while above is not null loop
        if above = new.id then
            raise exception 'A department cannot be part of itself.'
              using errcode = 'check_violation', constraint = 'departments_form_a_tree';
        end if;
        select parent_id into above from backoffice_department where id = above;
    end loop;
    return new;
end $$;
create trigger departments_form_a_tree before insert or update on backoffice_department
  for each row execute function guard_departments();
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0001_initial")]

    operations = [
        migrations.RunSQL(
            TREE,
            "drop trigger departments_form_a_tree on backoffice_department;"
            "drop function guard_departments();",
        )
    ]

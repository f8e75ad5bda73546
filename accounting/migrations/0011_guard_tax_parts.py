"""A tax that is several together is made of plain ones."""

from django.db import migrations

PARTS = """
create function guard_tax_parts() returns trigger language plpgsql as $$
begin
    -- One writer at a time for each code, so that two halves of a circle cannot meet.
    perform 1 from accounting_taxcode where id in (new.whole_id, new.part_id)
      order by id for update;
    if new.whole_id = new.part_id
       or exists (select from accounting_taxpart where whole_id = new.part_id)
       or exists (select from accounting_taxpart where part_id = new.whole_id) then
        raise exception 'A tax that is several together is made of plain ones.'
          using errcode = 'check_violation', constraint = 'tax_parts_are_plain';
    end if;
    return new;
end $$;
create trigger tax_parts_are_plain before insert or update on accounting_taxpart
  for each row execute function guard_tax_parts();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0010_taxes")]

    operations = [
        migrations.RunSQL(
            PARTS,
            "drop trigger tax_parts_are_plain on accounting_taxpart;"
            "drop function guard_tax_parts();",
        ),
    ]

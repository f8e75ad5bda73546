"""The taxes of an entry match its lines and stay; so do returns once they are filed."""

from django.db import migrations

# In one statement for each entry, as its lines were, so that none can be added later.
MATCH = """
create function guard_tax_lines_match() returns trigger language plpgsql as $$
declare wrong record;
begin
    select e.series, e.year, e.number into wrong
      from (select t.entry_id, count(*) as lines, min(position) as first, max(position) as last,
                   sum(t.owed) as owed, sum(t.deducted) as deducted,
                   sum(case when c.kind = 'withholding' and t.direction = 'sale'
                            then -t.tax else 0 end) as withheld_from_us,
                   sum(case when c.kind = 'withholding' and t.direction = 'purchase'
                            then t.tax else 0 end) as withheld_by_us
              from new_lines t join accounting_taxcode c on c.id = t.code_id
              group by t.entry_id) n
      join accounting_journalentry e on e.id = n.entry_id
      cross join lateral (
        select coalesce(sum(l.amount) filter (where a.role = 'tax_on_sales'), 0) as sales,
               coalesce(sum(l.amount) filter (where a.role = 'tax_on_purchases'), 0) as purchases,
               coalesce(sum(l.amount) filter (where a.role = 'withholding_receivable'), 0)
                 as receivable,
               coalesce(sum(l.amount) filter (where a.role = 'withholding_payable'), 0)
                 as payable
          from accounting_journalline l join accounting_account a on a.id = l.account_id
          where l.entry_id = n.entry_id
      ) b
      where n.owed <> -b.sales or n.deducted <> b.purchases
         or n.withheld_from_us <> b.receivable or n.withheld_by_us <> b.payable
         or n.first <> 1 or n.last <> n.lines
         or n.lines <> (select count(*) from accounting_taxline where entry_id = n.entry_id)
      limit 1;
    if found then
        raise exception 'The taxes of %-%-% differ from its lines on the tax accounts.',
          wrong.series, wrong.year, wrong.number
          using errcode = 'check_violation', constraint = 'tax_lines_match_the_entry';
    end if;
    return null;
end $$;
create trigger tax_lines_match after insert on accounting_taxline
  referencing new table as new_lines
  for each statement execute function guard_tax_lines_match();
"""

FINAL = """
create function guard_tax_lines_final() returns trigger language plpgsql as $$
begin
    raise exception 'Taxes of a posted entry are final: post a reversal.'
      using errcode = 'check_violation', constraint = 'tax_lines_are_final';
end $$;
create trigger tax_lines_are_final before update or delete on accounting_taxline
  for each statement execute function guard_tax_lines_final();

create function guard_filed_returns() returns trigger language plpgsql as $$
begin
    if old.filed_at is not null then
        raise exception 'This return is filed and stays: corrections go on the next.'
          using errcode = 'check_violation', constraint = 'filed_return_is_final';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger filed_return_is_final before update or delete on accounting_taxreturn
  for each row execute function guard_filed_returns();

create function guard_filed_lines() returns trigger language plpgsql as $$
declare wrong record;
begin
    if tg_op <> 'INSERT' then
        raise exception 'This return is filed and stays: corrections go on the next.'
          using errcode = 'check_violation', constraint = 'filed_return_is_final';
    end if;
    perform 1 from accounting_taxreturn r
      where r.id in (select tax_return_id from new_lines) and r.filed_at is not null;
    if found then
        raise exception 'This return is filed and stays: corrections go on the next.'
          using errcode = 'check_violation', constraint = 'filed_return_is_final';
    end if;
    perform 1 from new_lines n join accounting_taxreturn r on r.id = n.tax_return_id
      join accounting_taxline l on l.id = n.line_id where l.tax_date > r.ends_on;
    if found then
        raise exception 'A tax of a later day is not on this return.'
          using errcode = 'check_violation', constraint = 'tax_line_is_of_the_return';
    end if;
    return null;
end $$;
create trigger filed_lines_fit after insert on accounting_filedtaxline
  referencing new table as new_lines
  for each statement execute function guard_filed_lines();
create trigger filed_lines_stay before update or delete on accounting_filedtaxline
  for each statement execute function guard_filed_lines();
"""

CODES = """
create function guard_used_tax_codes() returns trigger language plpgsql as $$
begin
    if (old.kind, old.used_for, old.category) is distinct from
       (new.kind, new.used_for, new.category)
       and exists (select from accounting_taxline where code_id = new.id) then
        raise exception 'Entries were posted with the tax code %.', old.code
          using errcode = 'check_violation', constraint = 'tax_code_with_lines_keeps_its_kind';
    end if;
    return new;
end $$;
create trigger used_tax_codes_stay before update on accounting_taxcode
  for each row execute function guard_used_tax_codes();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0013_tax_returns")]

    operations = [
        migrations.RunSQL(
            MATCH,
            "drop trigger tax_lines_match on accounting_taxline;"
            "drop function guard_tax_lines_match();",
        ),
        migrations.RunSQL(
            FINAL,
            "drop trigger tax_lines_are_final on accounting_taxline;"
            "drop trigger filed_return_is_final on accounting_taxreturn;"
            "drop trigger filed_lines_fit on accounting_filedtaxline;"
            "drop trigger filed_lines_stay on accounting_filedtaxline;"
            "drop function guard_tax_lines_final(); drop function guard_filed_returns();"
            "drop function guard_filed_lines();",
        ),
        migrations.RunSQL(
            CODES,
            "drop trigger used_tax_codes_stay on accounting_taxcode;"
            "drop function guard_used_tax_codes();",
        ),
    ]

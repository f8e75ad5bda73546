"""The day an item is due stands on its line too, where what is owed is read."""

from django.db import migrations, models
from django.db.models import Q

FILL = """
alter table accounting_journalline disable trigger lines_are_final;
update accounting_journalline line
  set due_on = coalesce((select due.due_on from accounting_duedate due
                           where due.entry_id = line.entry_id), line.date)
  where line.account_id in (select id from accounting_account
                              where role in ('receivable', 'payable'));
alter table accounting_journalline enable trigger lines_are_final;
"""

# What a line says of the books is final. When it is due follows from its entry and its account.
FINAL = """
drop trigger lines_are_final on accounting_journalline;
create trigger lines_are_final
  before delete or update of id, entry_id, position, date, account_id, department_id, party_id,
    amount, currency_id, currency_amount, text on accounting_journalline
  for each statement execute function guard_journal_is_final();

create function guard_due_days() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() < 2 then
        raise exception 'When a line is due is said of its entry.'
          using errcode = 'check_violation', constraint = 'journal_is_final';
    end if;
    return null;
end $$;
create trigger due_days_follow before update of due_on on accounting_journalline
  for each statement execute function guard_due_days();
"""
FINAL_BEFORE = """
drop trigger due_days_follow on accounting_journalline;
drop function guard_due_days();
drop trigger lines_are_final on accounting_journalline;
create trigger lines_are_final before update or delete on accounting_journalline
  for each statement execute function guard_journal_is_final();
"""

FOLLOW = """
create function keep_due_days() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update accounting_journalline line set due_on = said.due_on
      from said where line.entry_id = said.entry_id and line.due_on <> said.due_on;
    return null;
end $$;
create trigger said_due_days_are_kept after insert on accounting_duedate
  referencing new table as said
  for each statement execute function keep_due_days();
create trigger changed_due_days_are_kept after update on accounting_duedate
  referencing new table as said
  for each statement execute function keep_due_days();

-- Who becomes the account of what is owed may have lines already.
create function keep_due_days_of_account() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update accounting_journalline line
      set due_on = coalesce((select due.due_on from accounting_duedate due
                               where due.entry_id = line.entry_id), line.date)
      where line.account_id = new.id and line.due_on is null;
    return null;
end $$;
create trigger lines_of_a_role_are_due after update of role on accounting_account
  for each row when (new.role in ('receivable', 'payable'))
  execute function keep_due_days_of_account();
"""
FOLLOW_BEFORE = """
drop trigger said_due_days_are_kept on accounting_duedate;
drop trigger changed_due_days_are_kept on accounting_duedate;
drop function keep_due_days();
drop trigger lines_of_a_role_are_due on accounting_account;
drop function keep_due_days_of_account();
"""

OWED_IS_DUE = """
create function guard_owed_is_due() returns trigger language plpgsql as $$
declare owed bigint[];
begin
    -- Held until commit, so that no account takes or loses its role while lines come to it.
    select coalesce(array_agg(id) filter (where role in ('receivable', 'payable')), '{}') into owed
      from (select id, role from accounting_account
              where id = any(array(select distinct account_id from new_lines))
              order by id for share) held;
    if exists (select from new_lines where (due_on is null) = (account_id = any(owed))) then
        raise exception 'What is owed is due on some day, and nothing else is.'
          using errcode = 'check_violation', constraint = 'owed_line_is_due';
    end if;
    return null;
end $$;
create trigger owed_lines_are_due after insert on accounting_journalline
  referencing new table as new_lines
  for each statement execute function guard_owed_is_due();
"""
OWED_IS_DUE_BEFORE = """
drop trigger owed_lines_are_due on accounting_journalline;
drop function guard_owed_is_due();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0101_encrypt_account_of_runs")]

    operations = [
        migrations.AddField(
            model_name="journalline",
            name="due_on",
            field=models.DateField(editable=False, null=True, verbose_name="due"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="journalline", name="line_with_its_party"),
        migrations.RemoveIndex(model_name="duedate", name="due_by_day"),
        migrations.AddIndex(
            model_name="journalline",
            index=models.Index(
                fields=["account", "date", "id"], include=("amount",), name="line_by_account"
            ),
        ),
        migrations.AddIndex(
            model_name="journalline",
            index=models.Index(
                condition=Q(due_on__isnull=False),
                fields=["account", "due_on", "id"],
                include=("date", "amount", "party"),
                name="line_by_its_due_day",
            ),
        ),
        migrations.RunSQL(FINAL, FINAL_BEFORE),
        migrations.RunSQL(FOLLOW, FOLLOW_BEFORE),
        migrations.RunSQL(OWED_IS_DUE, OWED_IS_DUE_BEFORE),
    ]

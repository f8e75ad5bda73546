"""The journal keeps its own rules: balance, numbers, chain, open periods, no change ever.

All of them look at whole statements (transition tables), so a bulk insert pays for them once.
Each refusal names the guard as its constraint, which is how an act finds its sentence.
"""

from django.db import migrations

ENTRIES_FOLLOW = """
create function guard_entries_follow() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    wrong record;
    block record;
    series backoffice_numberseries;
begin
    -- Held until commit: who closes the period waits for us, and we for them.
    perform 1 from accounting_period
      where id = any(array(select distinct period_id from new_entries)) order by id for share;

    select e.date, p.closed_at into wrong
      from new_entries e left join accounting_period p on p.id = e.period_id
      where p.id is null or p.closed_at is not null or e.date not between p.starts_on and p.ends_on
      limit 1;
    if found then
        raise exception 'The period of % is closed or is another one.', wrong.date
          using errcode = 'check_violation', constraint = 'entry_is_in_an_open_period';
    end if;

    for block in
        select e.series as code, e.year, min(e.number) as first, max(e.number) as last, count(*)
          from new_entries e group by 1, 2 order by 1, 2
    loop
        select * into series from backoffice_numberseries s
          where s.code = block.code and s.year = block.year for update;
        if series is null or block.first <> series.last_number + 1
           or block.last - block.first + 1 <> block.count then
            raise exception 'Numbers in % % follow each other without a gap.',
              block.code, block.year
              using errcode = 'check_violation', constraint = 'entry_numbers_have_no_gap';
        end if;
        perform 1 from (
            select previous_hash,
                   lag(hash, 1, series.head::varchar) over (order by number) as expected
              from new_entries where new_entries.series = block.code and year = block.year
          ) chained where previous_hash <> expected;
        if found then
            raise exception 'An entry names the hash of the one before it.'
              using errcode = 'check_violation', constraint = 'entry_is_chained';
        end if;
        update backoffice_numberseries s
          set last_number = block.last,
              head = (select hash from new_entries
                        where new_entries.series = block.code and year = block.year
                          and number = block.last)
          where s.id = series.id;
    end loop;
    return null;
end $$;
create trigger entries_follow after insert on accounting_journalentry
  referencing new table as new_entries
  for each statement execute function guard_entries_follow();
"""

ENTRY_HAS_LINES = """
create function guard_entry_has_lines() returns trigger language plpgsql as $$
begin
    if not exists (select from accounting_journalline where entry_id = new.id) then
        raise exception 'Entry %-%-% has no lines.', new.series, new.year, new.number
          using errcode = 'check_violation', constraint = 'entry_has_lines';
    end if;
    return null;
end $$;
create constraint trigger entry_has_lines after insert on accounting_journalentry
  deferrable initially deferred for each row execute function guard_entry_has_lines();
"""

# The count and the positions 1 to n, with the unique (entry, position), mean that all lines
# of an entry came in this one statement and none can join them. An entry another transaction
# is still writing is not seen here; its lines are refused, or they would be there when it commits.
LINES_BALANCE = """
create function guard_lines_balance() returns trigger language plpgsql as $$
declare wrong record;
begin
    select e.series, e.year, e.number, l.total, l.lines, e.line_count into wrong
      from (select entry_id, count(*) as lines, sum(amount) as total,
                   min(position) as first, max(position) as last,
                   min(date) as earliest, max(date) as latest,
                   count(currency_id) = count(*) and min(currency_id) = max(currency_id)
                     and sum(currency_amount) <> 0 as is_out_in_its_currency
              from new_lines group by entry_id) l
      left join accounting_journalentry e on e.id = l.entry_id
      where e.id is null or l.total <> 0 or l.lines <> e.line_count
         or l.first <> 1 or l.last <> l.lines
         or l.earliest <> e.date or l.latest <> e.date or l.is_out_in_its_currency
      limit 1;
    if found then
        raise exception 'Entry %-%-% is out by %, with % of its % lines.', wrong.series,
          wrong.year, wrong.number, wrong.total, wrong.lines, wrong.line_count
          using errcode = 'check_violation', constraint = 'entry_balances';
    end if;
    return null;
end $$;
create trigger lines_balance after insert on accounting_journalline
  referencing new table as new_lines
  for each statement execute function guard_lines_balance();
"""

LINES_FIT = """
create function guard_lines_fit() returns trigger language plpgsql as $$
declare
    wrong record;
    places integer;
    -- Set apart, so that no plan ever looks through all new lines for each account.
    touched bigint[] := array(select distinct account_id from new_lines);
begin
    -- An account cannot become a heading while lines are on their way to it.
    perform 1 from accounting_account where id = any(touched) order by id for key share;
    select a.code into wrong from accounting_account a
      where a.id = any(touched)
        and (not a.is_active
             or exists (select from accounting_account c where c.parent_id = a.id))
      limit 1;
    if found then
        raise exception 'Account % takes no lines.', wrong.code
          using errcode = 'check_violation', constraint = 'line_is_on_an_open_leaf_account';
    end if;

    select c.minor_unit into places
      from backoffice_company b join backoffice_currency c on c.code = b.currency_id;
    select amount into wrong from (
        select amount from new_lines where amount <> round(amount, places)
        union all
        select l.currency_amount
          from (select currency_id, currency_amount from new_lines
                  where currency_id is not null) l
          join backoffice_currency c on c.code = l.currency_id
          where l.currency_amount <> round(l.currency_amount, c.minor_unit)
      ) fine limit 1;
    if found then
        raise exception '% has more decimals than its currency.', wrong.amount
          using errcode = 'check_violation', constraint = 'line_is_rounded';
    end if;
    return null;
end $$;
create trigger lines_fit after insert on accounting_journalline
  referencing new table as new_lines
  for each statement execute function guard_lines_fit();
"""

# Ordered by its key, so that two writers meet in one order and cannot deadlock.
BALANCES = """
create function keep_monthly_balances() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into accounting_monthlybalance as b (account_id, department_id, month, debit, credit)
      select account_id, department_id, date_trunc('month', date)::date, sum(debit), sum(credit)
        from new_lines group by 1, 2, 3 order by 1, 2, 3
      on conflict (account_id, department_id, month) do update
        set debit = b.debit + excluded.debit, credit = b.credit + excluded.credit;
    return null;
end $$;
create trigger lines_move_balances after insert on accounting_journalline
  referencing new table as new_lines
  for each statement execute function keep_monthly_balances();

create function guard_balances() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() < 2
       and current_setting('backoffice.rebuilding', true) is distinct from 'on' then
        raise exception 'Monthly balances follow from the lines: post an entry.'
          using errcode = 'check_violation', constraint = 'balances_follow_from_lines';
    end if;
    return null;
end $$;
create trigger balances_follow before insert or update or delete on accounting_monthlybalance
  for each statement execute function guard_balances();

create function rebuild_monthly_balances() returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform set_config('backoffice.rebuilding', 'on', true);
    -- No line may arrive between the reading and the writing.
    lock table accounting_journalline in share row exclusive mode;
    delete from accounting_monthlybalance;
    insert into accounting_monthlybalance (account_id, department_id, month, debit, credit)
      select account_id, department_id, date_trunc('month', date)::date, sum(debit), sum(credit)
        from accounting_journalline group by 1, 2, 3;
    perform set_config('backoffice.rebuilding', 'off', true);
end $$;
"""

FINAL = """
create function guard_journal_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'Posted entries are final: post a reversal.'
      using errcode = 'check_violation', constraint = 'journal_is_final';
end $$;
create trigger entries_are_final before update or delete on accounting_journalentry
  for each statement execute function guard_journal_is_final();
create trigger entries_stay before truncate on accounting_journalentry
  for each statement execute function guard_journal_is_final();
create trigger lines_are_final before update or delete on accounting_journalline
  for each statement execute function guard_journal_is_final();
create trigger lines_stay before truncate on accounting_journalline
  for each statement execute function guard_journal_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0001_initial"), ("backoffice", "0001_initial")]

    operations = [
        migrations.RunSQL(
            ENTRIES_FOLLOW,
            "drop trigger entries_follow on accounting_journalentry;"
            "drop function guard_entries_follow();",
        ),
        migrations.RunSQL(
            ENTRY_HAS_LINES,
            "drop trigger entry_has_lines on accounting_journalentry;"
            "drop function guard_entry_has_lines();",
        ),
        migrations.RunSQL(
            LINES_BALANCE,
            "drop trigger lines_balance on accounting_journalline;"
            "drop function guard_lines_balance();",
        ),
        migrations.RunSQL(
            LINES_FIT,
            "drop trigger lines_fit on accounting_journalline; drop function guard_lines_fit();",
        ),
        migrations.RunSQL(
            BALANCES,
            "drop trigger lines_move_balances on accounting_journalline;"
            "drop trigger balances_follow on accounting_monthlybalance;"
            "drop function keep_monthly_balances(); drop function guard_balances();"
            "drop function rebuild_monthly_balances();",
        ),
        migrations.RunSQL(
            FINAL,
            "drop trigger entries_are_final on accounting_journalentry;"
            "drop trigger entries_stay on accounting_journalentry;"
            "drop trigger lines_are_final on accounting_journalline;"
            "drop trigger lines_stay on accounting_journalline;"
            "drop function guard_journal_is_final();",
        ),
    ]

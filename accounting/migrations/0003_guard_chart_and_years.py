"""Accounts, years and the currency of the books keep their meaning once lines stand on them."""

from django.db import migrations

ACCOUNTS = """
create function guard_accounts() returns trigger language plpgsql as $$
declare
    above accounting_account;
    seen bigint[] := array[new.id];
begin
    if new.parent_id is not null then
        -- Waits for lines on their way to the parent, and keeps later ones out.
        select * into above from accounting_account where id = new.parent_id for update;
        if exists (select from accounting_journalline where account_id = new.parent_id) then
            raise exception 'Account % has lines and cannot become a heading.', above.code
              using errcode = 'check_violation', constraint = 'heading_has_no_lines';
        end if;
        if above.kind <> new.kind then
            raise exception 'An account is of the kind of its heading.'
              using errcode = 'check_violation', constraint = 'account_is_of_its_headings_kind';
        end if;
        while above.id is not null loop
            if above.id = any(seen) then
                raise exception 'An account cannot stand under itself.'
                  using errcode = 'check_violation', constraint = 'accounts_form_a_tree';
            end if;
            seen := seen || above.id;
            select * into above from accounting_account where id = above.parent_id;
        end loop;
    end if;
    if tg_op = 'UPDATE'
       and (old.kind, old.currency_id) is distinct from (new.kind, new.currency_id)
       and exists (select from accounting_journalline where account_id = new.id) then
        raise exception 'Account % has lines: its kind and currency stay.', old.code
          using errcode = 'check_violation', constraint = 'account_with_lines_keeps_its_kind';
    end if;
    return new;
end $$;
create trigger accounts_form_a_tree before insert or update on accounting_account
  for each row execute function guard_accounts();
"""

YEARS = """
create function guard_years() returns trigger language plpgsql as $$
begin
    if exists (select from (select starts_on, ends_on,
                                   lag(ends_on) over (order by starts_on) as before
                              from accounting_fiscalyear) years
                where starts_on <> before + 1 or ends_on >= starts_on + interval '18 months') then
        raise exception 'Fiscal years follow each other without a gap and last at most 18 months.'
          using errcode = 'check_violation', constraint = 'fiscal_years_have_no_gap';
    end if;
    return null;
end $$;
create trigger years_follow after insert or update or delete on accounting_fiscalyear
  for each statement execute function guard_years();
"""

PERIODS = """
create function guard_periods() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT'
       and (tg_op = 'DELETE'
            or (old.id, old.starts_on, old.ends_on)
               is distinct from (new.id, new.starts_on, new.ends_on))
       and exists (select from accounting_journalentry
                     where date between old.starts_on and old.ends_on) then
        raise exception 'A period with entries stays and keeps its days.'
          using errcode = 'check_violation', constraint = 'period_with_entries_keeps_its_days';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    if not exists (select from accounting_fiscalyear y where y.id = new.fiscal_year_id
                     and new.starts_on >= y.starts_on and new.ends_on <= y.ends_on) then
        raise exception 'A period lies within its fiscal year.'
          using errcode = 'check_violation', constraint = 'period_is_within_its_year';
    end if;
    return new;
end $$;
create trigger periods_keep_their_days before insert or update or delete on accounting_period
  for each row execute function guard_periods();
"""

BOOKS_CURRENCY = """
create function guard_books_currency() returns trigger language plpgsql as $$
begin
    if old.currency_id <> new.currency_id
       and exists (select from accounting_journalentry) then
        raise exception 'The currency of the books stays once there are entries.'
          using errcode = 'check_violation', constraint = 'books_keep_their_currency';
    end if;
    return new;
end $$;
create trigger books_keep_their_currency before update on backoffice_company
  for each row execute function guard_books_currency();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0002_guard_journal")]

    operations = [
        migrations.RunSQL(
            ACCOUNTS,
            "drop trigger accounts_form_a_tree on accounting_account;"
            "drop function guard_accounts();",
        ),
        migrations.RunSQL(
            YEARS,
            "drop trigger years_follow on accounting_fiscalyear; drop function guard_years();",
        ),
        migrations.RunSQL(
            PERIODS,
            "drop trigger periods_keep_their_days on accounting_period;"
            "drop function guard_periods();",
        ),
        migrations.RunSQL(
            BOOKS_CURRENCY,
            "drop trigger books_keep_their_currency on backoffice_company;"
            "drop function guard_books_currency();",
        ),
    ]

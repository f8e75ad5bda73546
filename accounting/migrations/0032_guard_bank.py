"""What a bank said stays as it said it, and what is booked of it adds up."""

from django.db import migrations

OWN_ACCOUNTS = """
create function guard_own_accounts() returns trigger language plpgsql as $$
declare mirror accounting_account;
begin
    -- Waits for who changes the account, and keeps them out until commit.
    select * into mirror from accounting_account where id = new.account_id for share;
    if mirror.kind <> 'asset' then
        raise exception 'Account % is no asset: money at a bank is.', mirror.code
          using errcode = 'check_violation', constraint = 'own_account_is_an_asset';
    end if;
    if new.currency_id <> coalesce(mirror.currency_id,
                                   (select currency_id from backoffice_company limit 1)) then
        raise exception 'Account % is kept in another currency.', mirror.code
          using errcode = 'check_violation', constraint = 'own_account_is_in_its_currency';
    end if;
    if tg_op = 'UPDATE'
       and (old.account_id, old.currency_id) is distinct from (new.account_id, new.currency_id)
       and exists (select from accounting_match m join accounting_statementline l
                     on l.id = m.statement_line_id where l.own_account_id = new.id) then
        raise exception 'Lines of this bank account are booked: its account stays.'
          using errcode = 'check_violation', constraint = 'booked_bank_keeps_its_account';
    end if;
    return new;
end $$;
create trigger own_accounts_fit before insert or update on accounting_ownaccount
  for each row execute function guard_own_accounts();

create function guard_accounts_of_banks() returns trigger language plpgsql as $$
begin
    if (old.kind, old.currency_id) is distinct from (new.kind, new.currency_id)
       and exists (select from accounting_ownaccount where account_id = new.id) then
        raise exception 'Account % mirrors a bank account: its kind and currency stay.', old.code
          using errcode = 'check_violation', constraint = 'account_of_a_bank_stays';
    end if;
    return new;
end $$;
create trigger accounts_of_banks_stay before update on accounting_account
  for each row execute function guard_accounts_of_banks();
"""

STATEMENTS = """
create function guard_statements() returns trigger language plpgsql as $$
begin
    raise exception 'What a bank states is never changed.'
      using errcode = 'check_violation', constraint = 'statement_is_final';
end $$;
create trigger statements_stay before update on accounting_bankstatement
  for each row execute function guard_statements();
"""

# An update may only seal the other side's account anew, under another key.
LINES = """
create function guard_bank_lines() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if to_jsonb(old) - 'counterparty_account' = to_jsonb(new) - 'counterparty_account' then
            return new;
        end if;
        raise exception 'What a bank booked is never changed.'
          using errcode = 'check_violation', constraint = 'bank_line_is_final';
    end if;
    if exists (select from accounting_statementline l join accounting_match m
                 on m.statement_line_id = l.id where l.statement_id = old.statement_id) then
        raise exception 'A line of this statement is booked: it stays.'
          using errcode = 'check_violation', constraint = 'booked_statement_stays';
    end if;
    return old;
end $$;
create trigger bank_lines_stay before update or delete on accounting_statementline
  for each row execute function guard_bank_lines();

create function guard_new_bank_lines() returns trigger language plpgsql as $$
begin
    if exists (select from new_lines l join accounting_bankstatement s on s.id = l.statement_id
                 where s.own_account_id <> l.own_account_id) then
        raise exception 'A line is of the bank account of its statement.'
          using errcode = 'check_violation', constraint = 'bank_line_is_of_its_statement';
    end if;
    return null;
end $$;
create trigger bank_lines_fit after insert on accounting_statementline
  referencing new table as new_lines
  for each statement execute function guard_new_bank_lines();
"""

# Matches of one bank account are made and taken away one transaction after the other, so that
# the sums asked for at commit are those of everybody.
MATCHES = """
create function guard_matches() returns trigger language plpgsql as $$
declare line accounting_statementline;
begin
    if tg_op = 'UPDATE' then
        raise exception 'A match is made or taken away, never changed.'
          using errcode = 'check_violation', constraint = 'match_is_final';
    end if;
    select * into line from accounting_statementline
      where id = case when tg_op = 'DELETE' then old.statement_line_id
                      else new.statement_line_id end;
    perform 1 from accounting_ownaccount where id = line.own_account_id for no key update;
    if tg_op = 'DELETE' then
        return old;
    end if;
    if not exists (select from accounting_journalline j
                     join accounting_ownaccount o on o.account_id = j.account_id
                     where j.id = new.journal_line_id and o.id = line.own_account_id) then
        raise exception 'A bank line is matched with lines of the account that mirrors it.'
          using errcode = 'check_violation', constraint = 'match_is_on_the_mirror';
    end if;
    return new;
end $$;
create trigger matches_fit before insert or update or delete on accounting_match
  for each row execute function guard_matches();

create function guard_match_sums() returns trigger language plpgsql as $$
declare
    line_id bigint := case when tg_op = 'DELETE' then old.statement_line_id
                           else new.statement_line_id end;
    journal_id bigint := case when tg_op = 'DELETE' then old.journal_line_id
                              else new.journal_line_id end;
    wanted numeric;
    found_sum numeric;
begin
    select amount into wanted from accounting_statementline where id = line_id;
    select sum(amount) into found_sum from accounting_match where statement_line_id = line_id;
    if found_sum is not null and found_sum <> wanted then
        raise exception 'The matches of a bank line sum to %, the line is %.', found_sum, wanted
          using errcode = 'check_violation', constraint = 'matches_sum_to_the_bank_line';
    end if;
    select coalesce(case when a.currency_id is null then null else j.currency_amount end, j.amount)
      into wanted
      from accounting_journalline j join accounting_account a on a.id = j.account_id
      where j.id = journal_id;
    select sum(amount) into found_sum from accounting_match where journal_line_id = journal_id;
    if found_sum is not null
       and (sign(found_sum) <> sign(wanted) or abs(found_sum) > abs(wanted)) then
        raise exception 'More of a journal line is matched than it is: % of %.', found_sum, wanted
          using errcode = 'check_violation', constraint = 'matches_fit_the_journal_line';
    end if;
    return null;
end $$;
create constraint trigger matches_add_up after insert or delete on accounting_match
  deferrable initially deferred for each row execute function guard_match_sums();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0031_matches")]

    operations = [
        migrations.RunSQL(
            OWN_ACCOUNTS,
            "drop trigger own_accounts_fit on accounting_ownaccount;"
            "drop function guard_own_accounts();"
            "drop trigger accounts_of_banks_stay on accounting_account;"
            "drop function guard_accounts_of_banks();",
        ),
        migrations.RunSQL(
            STATEMENTS,
            "drop trigger statements_stay on accounting_bankstatement;"
            "drop function guard_statements();",
        ),
        migrations.RunSQL(
            LINES,
            "drop trigger bank_lines_stay on accounting_statementline;"
            "drop function guard_bank_lines();"
            "drop trigger bank_lines_fit on accounting_statementline;"
            "drop function guard_new_bank_lines();",
        ),
        migrations.RunSQL(
            MATCHES,
            "drop trigger matches_add_up on accounting_match;"
            "drop function guard_match_sums();"
            "drop trigger matches_fit on accounting_match;"
            "drop function guard_matches();",
        ),
    ]

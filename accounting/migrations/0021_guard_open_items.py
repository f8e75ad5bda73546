"""What is settled keeps its own rules: two sides of one party, never more than there is, final.

Both lines are locked before their allocations are summed, so of two people who settle the same
credit at once the second one sees what the first has left.
"""

from django.db import migrations

FIT = """
create function guard_allocation_fits() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    debit accounting_journalline;
    credit accounting_journalline;
    line accounting_journalline;
    undone accounting_allocation;
    books text := (select currency_id from backoffice_company);
    most numeric;
    settled record;
begin
    perform 1 from accounting_journalline
      where id in (new.debit_line_id, new.credit_line_id) order by id for no key update;
    select * into debit from accounting_journalline where id = new.debit_line_id;
    select * into credit from accounting_journalline where id = new.credit_line_id;
    if debit.amount < 0 or credit.amount > 0
       or debit.account_id <> credit.account_id
       or debit.party_id is distinct from credit.party_id
       or debit.party_id is null
       or coalesce(debit.currency_id, books) <> coalesce(credit.currency_id, books) then
        raise exception 'Lines % and % do not settle each other.', debit.id, credit.id
          using errcode = 'check_violation', constraint = 'allocation_joins_two_sides';
    end if;
    if new."on" < greatest(debit.date, credit.date) then
        raise exception 'Nothing is settled before %.', greatest(debit.date, credit.date)
          using errcode = 'check_violation', constraint = 'allocation_follows_its_lines';
    end if;
    if new.releases_id is not null then
        select * into undone from accounting_allocation where id = new.releases_id;
        if undone.releases_id is not null or new."on" < undone."on"
           or (undone.debit_line_id, undone.credit_line_id,
               undone.amount, undone.debit_base, undone.credit_base)
              is distinct from (new.debit_line_id, new.credit_line_id,
                                -new.amount, -new.debit_base, -new.credit_base) then
            raise exception 'Release % is not what allocation % was.', new.id, undone.id
              using errcode = 'check_violation',
                    constraint = 'allocation_is_released_as_it_was_made';
        end if;
    end if;
    foreach line in array array[debit, credit] loop
        most := abs(coalesce(line.currency_amount, line.amount));
        -- At the end of each day, for what is open is asked for any day.
        select max(amount) as most, min(amount) as least, max(base) as most_base,
               min(base) as least_base, (array_agg(amount order by "on" desc))[1] as amount,
               (array_agg(base order by "on" desc))[1] as base
          into settled
          from (select "on", sum(sum(amount)) over days as amount,
                       sum(sum(case when line.amount > 0 then debit_base else credit_base end))
                         over days as base
                  from (select "on", amount, debit_base, credit_base
                          from accounting_allocation
                          where line.amount > 0 and debit_line_id = line.id
                        union all
                        select "on", amount, debit_base, credit_base
                          from accounting_allocation
                          where line.amount < 0 and credit_line_id = line.id
                        union all
                        select new."on", new.amount, new.debit_base, new.credit_base) rows
                  group by "on" window days as (order by "on")) days;
        if settled.most > most or settled.least < 0
           or settled.most_base > abs(line.amount) or settled.least_base < 0 then
            raise exception 'Line % has not so much left to settle.', line.id
              using errcode = 'check_violation', constraint = 'allocation_fits_its_lines';
        end if;
        if settled.amount = most and settled.base <> abs(line.amount) then
            raise exception 'Line % is settled, but not in the books.', line.id
              using errcode = 'check_violation', constraint = 'allocation_clears_the_books';
        end if;
    end loop;
    return new;
end $$;
create trigger allocations_fit before insert on accounting_allocation
  for each row execute function guard_allocation_fits();
"""

FINAL = """
create function guard_allocations_are_final() returns trigger language plpgsql as $$
begin
    raise exception 'What was settled stays written down: release it.'
      using errcode = 'check_violation', constraint = 'allocations_are_final';
end $$;
create trigger allocations_are_final before update or delete on accounting_allocation
  for each statement execute function guard_allocations_are_final();
create trigger allocations_stay before truncate on accounting_allocation
  for each statement execute function guard_allocations_are_final();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0020_open_items")]

    operations = [
        migrations.RunSQL(
            FIT,
            "drop trigger allocations_fit on accounting_allocation;"
            "drop function guard_allocation_fits();",
        ),
        migrations.RunSQL(
            FINAL,
            "drop trigger allocations_are_final on accounting_allocation;"
            "drop trigger allocations_stay on accounting_allocation;"
            "drop function guard_allocations_are_final();",
        ),
    ]

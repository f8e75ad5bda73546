"""Assets keep their history: nothing is edited, no month twice, nothing after the end.

An event or a depreciation stands as long as its entry is not reversed. So a reversal is looked
at here as well: history is undone from its end, and the state of the asset follows.
"""

from django.db import migrations

FINAL = """
create function guard_asset_history_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'The history of an asset is final: take the last act back.'
      using errcode = 'check_violation', constraint = 'asset_history_is_final';
end $$;
create trigger asset_events_are_final before update or delete on accounting_assetevent
  for each statement execute function guard_asset_history_is_final();
create trigger depreciations_are_final before update or delete on accounting_depreciation
  for each statement execute function guard_asset_history_is_final();
"""

LIVE = """
create view accounting_live_asset_event as
  select e.* from accounting_assetevent e
   where e.kind <> 'taken_back'
     and not exists (select from accounting_assetevent b where b.takes_back_id = e.id)
     and (e.entry_id is null or e.entry_id not in (
            select reverses_id from accounting_journalentry where reverses_id is not null));
create view accounting_live_depreciation as
  select d.* from accounting_depreciation d
   where d.entry_id not in (
            select reverses_id from accounting_journalentry where reverses_id is not null);
"""

ASSETS = """
create function guard_assets() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'in_use' then
            raise exception 'The state of an asset follows from its events.'
              using errcode = 'check_violation', constraint = 'asset_state_follows_from_events';
        end if;
        return new;
    end if;
    if old.state <> new.state and pg_trigger_depth() < 2 then
        raise exception 'The state of an asset follows from its events.'
          using errcode = 'check_violation', constraint = 'asset_state_follows_from_events';
    end if;
    if (old.number, old.asset_account_id, old.depreciation_account_id, old.acquired_on,
        old.in_service_on, old.method, old.declining_rate, old.switches, old.first_month)
       is distinct from
       (new.number, new.asset_account_id, new.depreciation_account_id, new.acquired_on,
        new.in_service_on, new.method, new.declining_rate, new.switches, new.first_month) then
        raise exception 'What an asset came with stays as it is.'
          using errcode = 'check_violation', constraint = 'asset_keeps_its_terms';
    end if;
    return new;
end $$;
create trigger assets_keep_their_terms before insert or update on accounting_fixedasset
  for each row execute function guard_assets();
"""

EVENTS = """
create function guard_asset_events() returns trigger language plpgsql as $$
declare
    asset accounting_fixedasset;
    last accounting_assetevent;
    undone accounting_assetevent;
    cost_after numeric;
    taken_after numeric;
    month_posted date;
    day_posted date;
begin
    -- One at a time, so that what is checked here stays so until the commit.
    select * into asset from accounting_fixedasset where id = new.asset_id for no key update;
    select * into last from accounting_live_asset_event
      where asset_id = new.asset_id order by id desc limit 1;
    select max(month), max("on") into month_posted, day_posted
      from accounting_live_depreciation where asset_id = new.asset_id;

    if new.kind = 'taken_back' then
        select * into undone from accounting_assetevent where id = new.takes_back_id;
        if undone.id is distinct from last.id or undone.entry_id is not null
           or (new.cost, new.taken) is distinct from (-undone.cost, -undone.taken)
           or new.on < undone.on or month_posted >= undone.from_month then
            raise exception 'An asset is undone from its end.'
              using errcode = 'check_violation', constraint = 'asset_is_undone_from_its_end';
        end if;
        if undone.kind in ('acquired', 'taken_over') then
            update accounting_fixedasset set state = 'taken_back' where id = asset.id;
        end if;
        return new;
    end if;

    if asset.state <> 'in_use' or (last.id is null) <> (new.kind in ('acquired', 'taken_over'))
    then
        raise exception 'Nothing more happens to an asset given up.'
          using errcode = 'check_violation', constraint = 'asset_is_in_use';
    end if;
    if new.on < asset.acquired_on or new.on < last.on or new.from_month < last.from_month
       or new.from_month < date_trunc('month', asset.in_service_on)
       or new.from_month <= month_posted then
        raise exception 'Events of an asset follow each other, and change no posted month.'
          using errcode = 'check_violation', constraint = 'asset_events_follow_each_other';
    end if;
    if new.entry_id is not null
       and new.on <> (select date from accounting_journalentry where id = new.entry_id) then
        raise exception 'An event has the day of its entry.'
          using errcode = 'check_violation', constraint = 'asset_event_has_the_day_of_its_entry';
    end if;
    if new.kind in ('part_disposal', 'sale', 'scrap') and new.on < day_posted then
        raise exception 'An asset is not given up before its last depreciation.'
          using errcode = 'check_violation',
                constraint = 'asset_is_given_up_after_its_depreciation';
    end if;

    select coalesce(sum(cost), 0) + new.cost, coalesce(sum(taken), 0) + new.taken
      into cost_after, taken_after
      from accounting_live_asset_event where asset_id = new.asset_id;
    select taken_after + coalesce(sum(amount), 0) into taken_after
      from accounting_live_depreciation where asset_id = new.asset_id;
    if taken_after < 0 or taken_after > cost_after
       or (new.kind in ('sale', 'scrap')) <> (cost_after = 0) then
        raise exception 'Depreciation is between nothing and the cost, and ends with it.'
          using errcode = 'check_violation', constraint = 'asset_keeps_some_value';
    end if;
    if new.kind in ('sale', 'scrap') then
        update accounting_fixedasset set state = 'disposed' where id = asset.id;
    end if;
    return new;
end $$;
create trigger asset_events_fit before insert on accounting_assetevent
  for each row execute function guard_asset_events();
"""

DEPRECIATIONS = """
create function guard_depreciations() returns trigger language plpgsql as $$
declare
    wrong bigint;
    -- Set apart, so that no plan ever looks through all new rows for each asset.
    touched bigint[] := array(select distinct asset_id from new_rows);
begin
    perform 1 from accounting_fixedasset where id = any(touched) order by id for no key update;
    if exists (select from accounting_fixedasset where id = any(touched) and state <> 'in_use')
    then
        raise exception 'An asset given up loses nothing more.'
          using errcode = 'check_violation', constraint = 'asset_is_in_use';
    end if;
    if exists (select from new_rows d
                 left join accounting_fixedasset a on a.id = d.asset_id
                 left join accounting_journalentry e on e.id = d.entry_id
                where a.id is null or d."on" is distinct from e.date or d.month > d."on"
                   or d.month < date_trunc('month', a.in_service_on)) then
        raise exception 'Depreciation is not ahead of its entry, nor before the asset is used.'
          using errcode = 'check_violation', constraint = 'depreciation_is_in_its_time';
    end if;
    if exists (select from new_rows d
                 join accounting_live_depreciation other
                   on other.asset_id = d.asset_id and other.month = d.month and other.id <> d.id)
    then
        raise exception 'A month of an asset is depreciated once.'
          using errcode = 'check_violation', constraint = 'month_is_depreciated_once';
    end if;
    select events.asset_id into wrong
      from (select asset_id, sum(cost - taken) as left from accounting_live_asset_event
             where asset_id = any(touched) group by asset_id) events
      join (select asset_id, sum(amount) as taken from accounting_live_depreciation
             where asset_id = any(touched) group by asset_id) posted using (asset_id)
     where posted.taken > events.left limit 1;
    if found then
        raise exception 'An asset loses no more than its cost.'
          using errcode = 'check_violation', constraint = 'asset_keeps_some_value';
    end if;
    return null;
end $$;
create trigger depreciations_fit after insert on accounting_depreciation
  referencing new table as new_rows
  for each statement execute function guard_depreciations();
"""

REVERSALS = """
create function guard_asset_reversals() returns trigger language plpgsql as $$
declare touched bigint[] := array(
    select asset_id from accounting_assetevent where entry_id = new.reverses_id
    union select asset_id from accounting_depreciation where entry_id = new.reverses_id);
begin
    if touched = '{}' then
        return null;
    end if;
    perform 1 from accounting_fixedasset where id = any(touched) order by id for no key update;
    if exists (select from accounting_depreciation d
                 join accounting_live_depreciation other
                   on other.asset_id = d.asset_id and other.month > d.month
                where d.entry_id = new.reverses_id and other.entry_id <> new.reverses_id)
       or exists (select from accounting_live_asset_event e
                   where e.asset_id = any(touched) and e.entry_id > new.reverses_id
                     and e.kind in ('part_disposal', 'sale', 'scrap'))
       or exists (select from accounting_assetevent e
                    join accounting_live_asset_event other
                      on other.asset_id = e.asset_id and other.id > e.id
                   where e.entry_id = new.reverses_id)
       or exists (select from accounting_assetevent e
                    join accounting_live_depreciation d
                      on d.asset_id = e.asset_id and d.entry_id > e.entry_id
                   where e.entry_id = new.reverses_id) then
        raise exception 'An asset is undone from its end.'
          using errcode = 'check_violation', constraint = 'asset_is_undone_from_its_end';
    end if;
    update accounting_fixedasset a
       set state = case when e.kind in ('sale', 'scrap') then 'in_use' else 'taken_back' end
      from accounting_assetevent e
     where e.entry_id = new.reverses_id and a.id = e.asset_id
       and e.kind in ('acquired', 'taken_over', 'sale', 'scrap');
    return null;
end $$;
create trigger asset_reversals_fit after insert on accounting_journalentry
  for each row when (new.reverses_id is not null) execute function guard_asset_reversals();
"""


def dropping(table: str, trigger: str, function: str) -> str:
    """How a guard is taken away."""
    return f"drop trigger {trigger} on {table}; drop function {function}();"


class Migration(migrations.Migration):
    dependencies = [("accounting", "0041_asset_events")]

    operations = [
        migrations.RunSQL(
            FINAL,
            "drop trigger asset_events_are_final on accounting_assetevent;"
            + dropping(
                "accounting_depreciation",
                "depreciations_are_final",
                "guard_asset_history_is_final",
            ),
        ),
        migrations.RunSQL(
            LIVE,
            "drop view accounting_live_depreciation; drop view accounting_live_asset_event;",
        ),
        migrations.RunSQL(
            ASSETS, dropping("accounting_fixedasset", "assets_keep_their_terms", "guard_assets")
        ),
        migrations.RunSQL(
            EVENTS, dropping("accounting_assetevent", "asset_events_fit", "guard_asset_events")
        ),
        migrations.RunSQL(
            DEPRECIATIONS,
            dropping("accounting_depreciation", "depreciations_fit", "guard_depreciations"),
        ),
        migrations.RunSQL(
            REVERSALS,
            dropping("accounting_journalentry", "asset_reversals_fit", "guard_asset_reversals"),
        ),
    ]

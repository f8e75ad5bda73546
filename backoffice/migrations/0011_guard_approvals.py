"""Decisions stay as they are, and guarded rights are given by them alone.

Which rights take two people is said here, once: `right_takes_two`. What a person asks for stands
in a row's own columns; what is given stands in `given_*` (of a manager: not in `manager_waits`),
which nobody writes but these triggers. Less is given at once, more when it is approved. What a
command does, signed by nobody, waits for nobody.
"""

from django.db import migrations

# Everything that was given before there were approvals stays given.
GIVEN_SO_FAR = """
update backoffice_grant set given_level = level, given_reach = reach;
update backoffice_assignment set given_from = starts_on, given_until = ends_on;
"""

DECISIONS = """
create function guard_approvals() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    ended text[] := '{state,ended_by_id,ended_at,ended_why}';
    decided text[] := '{state,approved_by_id,alone_by_id,refused_by_id,for_whom_id,'
                      'decided_at,decided_on,why}';
begin
    if tg_op = 'INSERT' then
        if new.state = 'waiting' and new.made_by_id is not null then
            return new;
        elsif new.state = 'approved' and new.made_by_id is null and done_by_a_command() then
            return new;
        end if;
        raise exception 'What is made by a person waits for another.'
          using errcode = 'check_violation', constraint = 'approval_begins_waiting';
    elsif tg_op = 'UPDATE' then
        if new.alone_by_id is distinct from old.alone_by_id
           and not exists (select from backoffice_company where works_alone) then
            raise exception 'In this office somebody else approves what one made.'
              using errcode = 'check_violation', constraint = 'office_works_alone';
        end if;
        if (to_jsonb(new) - ended) = (to_jsonb(old) - ended)
           and (old.state, new.state) in (('waiting', 'withdrawn'), ('waiting', 'cleared'),
                                          ('approved', 'cleared')) then
            return new;
        end if;
        if (to_jsonb(new) - decided) = (to_jsonb(old) - decided)
           and old.state = 'waiting' and new.state in ('approved', 'refused') then
            return new;
        end if;
    end if;
    raise exception 'A decision is never altered.'
      using errcode = 'check_violation', constraint = 'decisions_are_final';
end $$;
"""

TRIGGERS = """
create trigger approvals_are_final before insert or update or delete on backoffice_approval
  for each row execute function guard_approvals();
create trigger approvals_are_kept before truncate on backoffice_approval
  for each statement execute function guard_approvals();
"""

WORDS = """
create function done_by_a_command() returns boolean language sql stable as $$
    select coalesce(current_setting('backoffice.actor', true), '') = ''
$$;

create function right_takes_two(area text, level integer) returns boolean
language sql immutable as $$
    select area = 'payroll' or area like 'payroll.%' or area in ('hr.private', 'accounting.pay')
        or (area = 'office' and level > 1)
$$;

create function fingerprint(words text) returns text language sql stable as $$
    select encode(sha256(convert_to(words, 'UTF8')), 'hex')
$$;

create function is_approved(about text, key text, kind text, words text) returns boolean
language plpgsql stable set search_path = public, pg_temp as $$
begin
    return exists (select from backoffice_approval
                     where label = about and record_key = key and verb = kind
                       and state = 'approved' and digest = fingerprint(words));
end $$;

-- What waited or was approved of a row that is another now, or gone, counts no more.
create function clear_approvals(about text, key text, kind text, words text) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    update backoffice_approval
      set state = 'cleared', ended_at = statement_timestamp(),
          ended_by_id = nullif(current_setting('backoffice.actor', true), '')::bigint
      where label = about and record_key = key and verb = kind
        and state in ('waiting', 'approved')
        and digest is distinct from fingerprint(words);
end $$;
"""

GRANTS = """
create function guard_grants() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    words text := format('%s:%s:%s:%s', new.role_id, new.area, new.level, new.reach);
    reaches text[] := '{own,department,all}';
    is_new boolean := true;
    is_changed boolean := true;
begin
    if tg_op = 'UPDATE' then
        is_new := (new.role_id, new.area) is distinct from (old.role_id, old.area);
        is_changed := is_new or (new.level, new.reach) is distinct from (old.level, old.reach);
    end if;
    if not right_takes_two(new.area, new.level)
       or (is_changed and done_by_a_command())
       or is_approved('backoffice.grant', new.id::text, 'grant', words) then
        new.given_level := new.level;
        new.given_reach := new.reach;
    elsif is_new then
        new.given_level := 0;
        new.given_reach := 'own';
    else
        new.given_level := least(old.given_level, new.level);
        new.given_reach := reaches[least(array_position(reaches, old.given_reach::text),
                                         array_position(reaches, new.reach::text))];
    end if;
    return new;
end $$;
create trigger grants_take_two before insert or update on backoffice_grant
  for each row execute function guard_grants();

create function clear_grants() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if tg_op = 'DELETE' then
        perform clear_approvals('backoffice.grant', old.id::text, 'grant', null);
    else
        perform clear_approvals(
            'backoffice.grant', old.id::text, 'grant',
            format('%s:%s:%s:%s', new.role_id, new.area, new.level, new.reach));
    end if;
    return null;
end $$;
create trigger grants_clear after update or delete on backoffice_grant
  for each row execute function clear_grants();
"""

ASSIGNMENTS = """
create function words_of(a backoffice_assignment) returns text language sql stable as $$
    select format('%s:%s:%s:%s:%s', a.user_id, a.role_id, a.department_id,
                  to_char(a.starts_on, 'YYYY-MM-DD'), to_char(a.ends_on, 'YYYY-MM-DD'))
$$;

create function guard_assignments() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    is_new boolean := true;
    is_changed boolean := true;
begin
    if tg_op = 'UPDATE' then
        is_new := (new.user_id, new.role_id, new.department_id)
                    is distinct from (old.user_id, old.role_id, old.department_id);
        is_changed := is_new or words_of(new) <> words_of(old);
    end if;
    if not exists (select from backoffice_grant g
                     where g.role_id = new.role_id
                       and right_takes_two(g.area, greatest(g.level, g.given_level)))
       or (is_changed and done_by_a_command())
       or is_approved('backoffice.assignment', new.id::text, 'assign', words_of(new)) then
        new.given_from := new.starts_on;
        new.given_until := new.ends_on;
    elsif is_new or old.given_from is null
       or greatest(old.given_from, new.starts_on) > least(old.given_until, new.ends_on) then
        new.given_from := null;
        new.given_until := null;
    else
        new.given_from := greatest(old.given_from, new.starts_on);
        new.given_until := least(old.given_until, new.ends_on);
    end if;
    return new;
end $$;
create trigger assignments_take_two before insert or update on backoffice_assignment
  for each row execute function guard_assignments();

create function clear_assignments() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform clear_approvals('backoffice.assignment', old.id::text, 'assign',
                            case when tg_op = 'UPDATE' then words_of(new) end);
    return null;
end $$;
create trigger assignments_clear after update or delete on backoffice_assignment
  for each row execute function clear_assignments();
"""

# Who manages the department that performs a function has all rights there; and every manager
# has those of the roles given to managers.
APPOINTMENTS = """
create function guard_appointments() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    is_changed boolean := true;
begin
    if tg_op = 'UPDATE' then
        is_changed := (new.manager_id, new.function)
                        is distinct from (old.manager_id, old.function);
    end if;
    if new.manager_id is null
       or not (new.function in ('accounting', 'hr', 'payroll')
               or exists (select from backoffice_grant g
                            join backoffice_role r on r.id = g.role_id
                            where r.given = 'managers'
                              and right_takes_two(g.area, greatest(g.level, g.given_level))))
       or (is_changed and done_by_a_command())
       or is_approved('backoffice.department', new.id::text, 'appoint',
                      format('%s:%s:%s', new.id, new.function, new.manager_id)) then
        new.manager_waits := false;
    elsif is_changed then
        new.manager_waits := true;
    else
        new.manager_waits := old.manager_waits;
    end if;
    return new;
end $$;
create trigger appointments_take_two before insert or update on backoffice_department
  for each row execute function guard_appointments();

create function clear_appointments() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    words text;
begin
    if tg_op = 'UPDATE' then
        words := format('%s:%s:%s', new.id, new.function, new.manager_id);
    end if;
    perform clear_approvals('backoffice.department', old.id::text, 'appoint', words);
    return null;
end $$;
create trigger appointments_clear after update or delete on backoffice_department
  for each row execute function clear_appointments();
"""

# Their text is keyed and so unknown here: changed details match no approval. Gone ones wait for
# nobody.
BANK_ACCOUNTS = """
create function clear_bank_accounts() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    perform clear_approvals('backoffice.bankaccount', old.id::text, 'bank_details', null);
    return null;
end $$;
create trigger bank_accounts_clear after delete on backoffice_bankaccount
  for each row execute function clear_bank_accounts();
"""

UNDO = """
drop trigger bank_accounts_clear on backoffice_bankaccount;
drop trigger appointments_clear on backoffice_department;
drop trigger appointments_take_two on backoffice_department;
drop trigger assignments_clear on backoffice_assignment;
drop trigger assignments_take_two on backoffice_assignment;
drop trigger grants_clear on backoffice_grant;
drop trigger grants_take_two on backoffice_grant;
drop trigger approvals_are_kept on backoffice_approval;
drop trigger approvals_are_final on backoffice_approval;
drop function clear_bank_accounts(), clear_appointments(), guard_appointments(),
  clear_assignments(), guard_assignments(), words_of(backoffice_assignment), clear_grants(),
  guard_grants(), guard_approvals(), clear_approvals(text, text, text, text),
  is_approved(text, text, text, text), fingerprint(text), right_takes_two(text, integer),
  done_by_a_command();
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0010_approvals")]

    operations = [
        migrations.RunSQL(GIVEN_SO_FAR, migrations.RunSQL.noop),
        migrations.RunSQL(
            [WORDS, DECISIONS, TRIGGERS, GRANTS, ASSIGNMENTS, APPOINTMENTS, BANK_ACCOUNTS], UNDO
        ),
    ]

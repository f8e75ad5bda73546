"""Budget lines plan results, within their year; what is in force stays as it is."""

from django.db import migrations

LINES = """
create function guard_budget_lines() returns trigger language plpgsql as $$
declare
    plan record;
    place record;
begin
    if tg_op <> 'INSERT' then
        select state into plan from accounting_budget where id = old.budget_id for share;
        if plan.state = 'in_force' then
            raise exception 'A budget in force stays as it is: take it back to a draft first.'
              using errcode = 'check_violation', constraint = 'budget_in_force_stays';
        end if;
        if tg_op = 'DELETE' then
            return old;
        end if;
    end if;
    -- Whoever puts the budget into force at this moment waits for the line, or it for them.
    select b.state, y.starts_on, y.ends_on into plan
      from accounting_budget b join accounting_fiscalyear y on y.id = b.fiscal_year_id
      where b.id = new.budget_id for share of b;
    if plan.state = 'in_force' then
        raise exception 'A budget in force stays as it is: take it back to a draft first.'
          using errcode = 'check_violation', constraint = 'budget_in_force_stays';
    end if;
    if new.month < date_trunc('month', plan.starts_on::timestamp) or new.month > plan.ends_on then
        raise exception 'A budget plans months of its fiscal year.'
          using errcode = 'check_violation', constraint = 'budget_month_is_in_its_year';
    end if;
    select kind, exists (select from accounting_account below where below.parent_id = a.id)
             as is_heading into place
      from accounting_account a where a.id = new.account_id;
    if place.kind not in ('income', 'expense') or place.is_heading then
        raise exception 'A budget plans accounts of income and expense, no headings.'
          using errcode = 'check_violation', constraint = 'budget_plans_results';
    end if;
    return new;
end $$;
create trigger budget_lines_fit before insert or update or delete on accounting_budgetline
  for each row execute function guard_budget_lines();
"""

BUDGETS = """
create function guard_budgets() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.state = 'in_force' then
            raise exception 'A budget in force stays as it is: take it back to a draft first.'
              using errcode = 'check_violation', constraint = 'budget_in_force_stays';
        end if;
        return old;
    end if;
    if new.fiscal_year_id <> old.fiscal_year_id
       and exists (select from accounting_budgetline where budget_id = old.id) then
        raise exception 'A budget with lines stays in its fiscal year.'
          using errcode = 'check_violation', constraint = 'budget_keeps_its_year';
    end if;
    return new;
end $$;
create trigger budgets_stay before update or delete on accounting_budget
  for each row execute function guard_budgets();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0050_budgets_and_cash_flow")]

    operations = [
        migrations.RunSQL(
            LINES,
            "drop trigger budget_lines_fit on accounting_budgetline;"
            "drop function guard_budget_lines();",
        ),
        migrations.RunSQL(
            BUDGETS,
            "drop trigger budgets_stay on accounting_budget; drop function guard_budgets();",
        ),
    ]

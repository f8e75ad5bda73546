"""Assets stand on accounts that are theirs, and declining balance has its rate.

A class that broke these rules could make no asset, or one on an account of something else: it
loses what it may not have, and the accounts by role stand in for it.
"""

from django.db import migrations, models
from django.db.models import F, Q

CLASSES = """
update accounting_assetclass set depreciation_account_id = null
  where asset_account_id = depreciation_account_id;
update accounting_assetclass set method = 'monthly'
  where method = 'declining' and declining_rate is null;
"""

ON_ITS_ACCOUNTS = """\
        if new.asset_account_id = new.depreciation_account_id
           or exists (select from accounting_account a
                       where a.id in (new.asset_account_id, new.depreciation_account_id)
                         and a.kind <> 'asset'
                          or a.id = new.expense_account_id and a.kind <> 'expense') then
            raise exception 'Cost, depreciation and expense of an asset stand on their accounts.'
              using errcode = 'check_violation', constraint = 'asset_stands_on_its_accounts';
        end if;
"""
GUARD_ASSETS = """
create or replace function guard_assets() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'in_use' then
            raise exception 'The state of an asset follows from its events.'
              using errcode = 'check_violation', constraint = 'asset_state_follows_from_events';
        end if;
{on_its_accounts}        return new;
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
"""


def rate_goes_with_method(name: str) -> models.CheckConstraint:
    """Declining balance has a rate; asked for by itself, or no rate at all would do."""
    return models.CheckConstraint(
        name=name,
        condition=Q(
            method="declining",
            declining_rate__isnull=False,
            declining_rate__gt=0,
            declining_rate__lte=100,
        )
        | (~Q(method="declining") & Q(declining_rate__isnull=True)),
        violation_error_message="Declining balance takes a rate up to 100, others none.",
    )


class Migration(migrations.Migration):
    dependencies = [("accounting", "0110_due_days_of_lines")]

    operations = [
        migrations.RunSQL(CLASSES, migrations.RunSQL.noop),
        # Changes of rows are written down at the end of a statement: before the table changes.
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.RemoveConstraint("assetclass", "asset_class_rate_goes_with_method"),
        migrations.AddConstraint(
            "assetclass", rate_goes_with_method("asset_class_rate_goes_with_method")
        ),
        migrations.RemoveConstraint("fixedasset", "asset_rate_goes_with_method"),
        migrations.AddConstraint(
            "fixedasset", rate_goes_with_method("asset_rate_goes_with_method")
        ),
        migrations.AddConstraint(
            "assetclass",
            models.CheckConstraint(
                name="asset_class_keeps_depreciation_apart",
                condition=~Q(asset_account=F("depreciation_account")),
                violation_error_message="Cost and depreciation to date stand on two accounts.",
            ),
        ),
        migrations.RunSQL(
            GUARD_ASSETS.format(on_its_accounts=ON_ITS_ACCOUNTS),
            GUARD_ASSETS.format(on_its_accounts=""),
        ),
    ]

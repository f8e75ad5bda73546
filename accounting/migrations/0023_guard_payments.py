"""A payment is final once it is posted: it is taken back by a reversal."""

from django.db import migrations

FINAL = """
create function guard_payments_are_final() returns trigger language plpgsql as $$
begin
    raise exception 'A payment is final: take it back.'
      using errcode = 'check_violation', constraint = 'payments_are_final';
end $$;
create trigger payments_are_final before update or delete on accounting_payment
  for each statement execute function guard_payments_are_final();
create trigger payments_stay before truncate on accounting_payment
  for each statement execute function guard_payments_are_final();
"""

# What was approved and posted keeps its lines as they were.
RUNS = """
create function guard_payment_runs() returns trigger language plpgsql as $$
declare
    run accounting_paymentrun;
begin
    select * into run from accounting_paymentrun
      where id = coalesce(new.run_id, old.run_id) for share;
    if run.state in ('posted', 'dropped')
       or (run.state in ('waiting', 'approved')
           and (tg_op <> 'UPDATE'
                or (old.item_id, old.party_id, old.bank_account_id, old.reference, old.amount,
                    old.discount, old.is_left_out)
                   is distinct from
                   (new.item_id, new.party_id, new.bank_account_id, new.reference, new.amount,
                    new.discount, new.is_left_out))) then
        raise exception 'Payment run % is % and keeps its lines.', run.id, run.state
          using errcode = 'check_violation', constraint = 'payment_run_keeps_its_lines';
    end if;
    return coalesce(new, old);
end $$;
create trigger payment_runs_keep_their_lines before insert or update or delete
  on accounting_paymentrunline for each row execute function guard_payment_runs();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0022_payments")]

    operations = [
        migrations.RunSQL(
            FINAL,
            "drop trigger payments_are_final on accounting_payment;"
            "drop trigger payments_stay on accounting_payment;"
            "drop function guard_payments_are_final();",
        ),
        migrations.RunSQL(
            RUNS,
            "drop trigger payment_runs_keep_their_lines on accounting_paymentrunline;"
            "drop function guard_payment_runs();",
        ),
    ]

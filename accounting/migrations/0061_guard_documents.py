"""What is issued or in the books stays as it is: a credit note puts it right."""

from django.db import migrations

FINAL = """
create function guard_document_is_final() returns trigger language plpgsql as $$
begin
    -- The column that is set once the document is in the books, and those that are no facts of
    -- the ledger: they may still be put right, with the trail to tell of it.
    if to_jsonb(old) ->> tg_argv[0] is not null
       and (tg_op = 'DELETE'
            or to_jsonb(new) - tg_argv[1]::text[]
               is distinct from to_jsonb(old) - tg_argv[1]::text[]) then
        raise exception 'What is in the books stays: write a credit note.'
          using errcode = 'check_violation', constraint = 'document_is_final';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger invoice_is_final before update or delete on accounting_invoice
  for each row execute function guard_document_is_final('issued_at', '{sent_at,text,order_reference}');
create trigger bill_is_final before update or delete on accounting_bill
  for each row execute function guard_document_is_final('posted_at', '{text}');
create trigger claim_is_final before update or delete on accounting_expenseclaim
  for each row execute function
    guard_document_is_final('entry_id', '{state,payment_id,text}');

create function guard_document_line_is_final() returns trigger language plpgsql as $$
declare
    is_final boolean;
    key bigint;
begin
    foreach key in array array[to_jsonb(old) ->> tg_argv[1], to_jsonb(new) ->> tg_argv[1]]::bigint[]
    loop
        execute format('select %I is not null from %I where id = $1 for share', tg_argv[2], tg_argv[0])
          into is_final using key;
        if is_final then
            raise exception 'What is in the books stays: write a credit note.'
              using errcode = 'check_violation', constraint = 'document_is_final';
        end if;
    end loop;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger invoice_line_is_final before insert or update or delete on accounting_invoiceline
  for each row execute function
    guard_document_line_is_final('accounting_invoice', 'invoice_id', 'issued_at');
create trigger bill_line_is_final before insert or update or delete on accounting_billline
  for each row execute function
    guard_document_line_is_final('accounting_bill', 'bill_id', 'posted_at');
create trigger receipt_is_final before insert or update or delete on accounting_receipt
  for each row execute function
    guard_document_line_is_final('accounting_expenseclaim', 'claim_id', 'entry_id');
"""

UNDO = """
drop trigger invoice_is_final on accounting_invoice;
drop trigger bill_is_final on accounting_bill;
drop trigger claim_is_final on accounting_expenseclaim;
drop trigger invoice_line_is_final on accounting_invoiceline;
drop trigger bill_line_is_final on accounting_billline;
drop trigger receipt_is_final on accounting_receipt;
drop function guard_document_is_final();
drop function guard_document_line_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0060_documents")]

    operations = [migrations.RunSQL(FINAL, UNDO)]

"""A letter is claimed before it is sent, sent once, and stays the letter it was."""

from django.db import migrations

# What may follow what. None but a person lets a letter wait again that may have arrived; the code
# that does so is `outbox.send_again`. A sent letter is final.
GUARD = """
create function guard_letters() returns trigger language plpgsql as $$
begin
    if (new.message_id, new.recipients, new.subject) is distinct from
       (old.message_id, old.recipients, old.subject) then
        raise exception 'A letter stays as it was written: write another one.'
          using errcode = 'check_violation', constraint = 'letters_stay_as_written';
    end if;
    if new.state = old.state
       and (new.state <> 'claimed' or new.claim is not distinct from old.claim) then
        return new;
    end if;
    if old.state = 'claimed' and new.state = 'claimed' then
        raise exception 'A letter is in the hands of another worker.'
          using errcode = 'check_violation', constraint = 'letters_are_sent_once';
    end if;
    if not (old.state, new.state) in (
        ('waiting', 'claimed'), ('waiting', 'held'),
        ('claimed', 'sent'), ('claimed', 'waiting'), ('claimed', 'failed'), ('claimed', 'unknown'),
        ('unknown', 'sent'), ('unknown', 'waiting'), ('unknown', 'failed'),
        ('failed', 'waiting'), ('failed', 'sent'), ('held', 'waiting')
    ) then
        raise exception 'A letter that is % does not become %.', old.state, new.state
          using errcode = 'check_violation', constraint = 'letters_are_sent_once';
    end if;
    return new;
end $$;
create trigger letters_are_sent_once before update on backoffice_letter
  for each row execute function guard_letters();
"""
WITHOUT_GUARD = """
drop trigger letters_are_sent_once on backoffice_letter;
drop function guard_letters();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("backoffice", "0020_letters_and_notices"),
    ]

    operations = [migrations.RunSQL(GUARD, WITHOUT_GUARD)]

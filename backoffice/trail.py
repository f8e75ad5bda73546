"""The trail: every changed row is written down by the database itself.

Each table has three triggers, one a kind of statement, put in place by `manage.py migrate`. They
see what the ORM sends, bulk writes and raw SQL alike, and write one Change for each changed row.
A table without them is named below with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

# Tables that are not watched, and why.
UNWATCHED = {
    "accounting_statementline": "never changed once brought in: the bank's words, its own record",
    "accounting_allocation": "final once made, with who and when: its own record",
    "accounting_filedtaxline": "never changed: which line is on which filed return",
    "accounting_assetevent": "never edited: the history of its asset, its own record",
    "accounting_depreciation": "final once posted, with its entry: its own record",
    "accounting_journalentry": "final once posted: numbered, chained and signed, its own record",
    "accounting_journalline": "final once posted: the lines of an entry are its own record",
    "accounting_taxline": "final as the entry it belongs to",
    "accounting_monthlybalance": "follows from the lines by a trigger",
    "accounting_payment": "final once posted, with who and when: its own record",
    "backoffice_numberseries": "moves with each posted entry, which keeps number and hash",
    "backoffice_auditevent": "the trail itself",
    "backoffice_change": "the trail itself",
    "backoffice_sentform": "keys of forms sent, gone after a week; what they did is watched",
    "backoffice_comment": "never edited: its own record",
    "backoffice_comment_mentions": "never edited: part of the comment",
    "backoffice_digest": "that a summary went out: its letter is watched",
    "backoffice_notice": "what somebody is told of; what happened is told where it happened",
    "auth_permission": "written by migrations alone",
    "cache": "counts of attempts to sign in, gone after minutes",
    "django_content_type": "written by migrations alone",
    "django_migrations": "the record of migrations",
    "django_session": "changes with every request; signing in is recorded as an act",
    "procrastinate_events": "the queue's own record of its jobs",
    "procrastinate_jobs": "the queue, with its own record of events",
    "procrastinate_periodic_defers": "the queue's clock",
    "procrastinate_workers": "the workers' signs of life",
}

# Private columns: that they changed is written down, never a value; so it is with all bytes.
MASKED = {
    "accounting_paymentrun": ("iban",),
    "account_emailconfirmation": ("key",),
    "accounting_ownaccount": ("iban", "iban_mark", "number", "number_mark"),
    "backoffice_bankaccount": ("iban", "iban_mark", "number", "number_mark"),
    "backoffice_importrun": ("result",),
    "backoffice_job": ("arguments", "log"),
    "backoffice_letter": ("text", "html"),
    "backoffice_onetimelink": ("secret_hash",),
    "backoffice_user": ("password",),
}

# Columns that move by themselves and say nothing about the record.
UNTOLD = {
    "accounting_entrydraft": ("changed_at",),
    "backoffice_importrun": ("done", "total"),
    "backoffice_job": ("done", "total", "log", "queue_id"),
    # How it fares by itself stands in the letter; what people decide is told as an act.
    "backoffice_letter": (
        *("state", "attempts", "next_attempt_at", "error", "sent_at"),
        *("claim", "claimed_by", "claimed_at"),
    ),
    "backoffice_user": ("last_login",),
}

# Rows that are part of another record and are told in its timeline: table: (column, whole).
PARTS = {
    "accounting_draftline": ("draft_id", "accounting_entrydraft"),
    "accounting_billline": ("bill_id", "accounting_bill"),
    "accounting_invoiceline": ("invoice_id", "accounting_invoice"),
    "accounting_receipt": ("claim_id", "accounting_expenseclaim"),
    "accounting_waiver": ("period_id", "accounting_period"),
    "accounting_periodevent": ("period_id", "accounting_period"),
    "accounting_taxpart": ("whole_id", "accounting_taxcode"),
    "accounting_taxrate": ("code_id", "accounting_taxcode"),
    "accounting_paymentrunline": ("run_id", "accounting_paymentrun"),
    "accounting_remindeditem": ("reminder_id", "accounting_reminder"),
    "backoffice_address": ("party_id", "backoffice_party"),
    "backoffice_assignment": ("user_id", "backoffice_user"),
    "backoffice_bankaccount": ("party_id", "backoffice_party"),
    "backoffice_email": ("party_id", "backoffice_party"),
    "backoffice_grant": ("role_id", "backoffice_role"),
    "backoffice_phone": ("party_id", "backoffice_party"),
}

# What nobody changes, and what the application may still do there.
CLOSED = {
    "backoffice_change": "select",
    "backoffice_auditevent": "select, insert",
    "backoffice_comment": "select, insert",
    "backoffice_comment_mentions": "select, insert",
}

TRANSITIONS = {
    "insert": "new table as new_rows",
    "update": "old table as old_rows new table as new_rows",
    "delete": "old table as old_rows",
}

TABLES = """
select c.relname,
       (select a.attname from pg_index i
          join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
          where i.indrelid = c.oid and i.indisprimary and i.indnkeyatts = 1),
       array(select attname::text from pg_attribute
               where attrelid = c.oid and attnum > 0 and not attisdropped
                 and atttypid = 'bytea'::regtype)
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  order by 1
"""

TRIGGERS = """
select c.relname, t.tgname, t.tgargs
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where t.tgfoid = to_regproc('public.write_trail') and t.tgenabled = 'O'
"""


def watch_tables(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on every table that lacks them, and close the trail to the application."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regproc('public.write_trail') is not null")
        if not cursor.fetchone()[0]:
            return  # before the trail's own migration, or on the way back past it
        quote = connection.ops.quote_name
        for table, operation, words in _missing(cursor):
            cursor.execute(
                f"create or replace trigger trail_{operation} after {operation} on {quote(table)}"
                f" referencing {TRANSITIONS[operation]} for each statement"
                f" execute function write_trail({', '.join(map(_literal, words))})"
            )
        if connection.settings_dict["USER"] != settings.APPLICATION_ROLE:
            application = quote(settings.APPLICATION_ROLE)
            for table, rights in CLOSED.items():
                cursor.execute(f"revoke all on {table} from {application}")
                cursor.execute(f"grant {rights} on {table} to {application}")


def unwatched_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables that should be watched and are not, or not as they should."""
    with connection.cursor() as cursor:
        return sorted({table for table, _operation, _words in _missing(cursor)})


def _missing(cursor) -> list[tuple[str, str, tuple[str, ...]]]:
    """The triggers that are not there, each with its table, kind of statement and words."""
    cursor.execute(TRIGGERS)
    there = {
        (table, name, tuple(bytes(words).decode().split("\0")[:-1]))
        for table, name, words in cursor.fetchall()
    }
    cursor.execute(TABLES)
    return [
        (table, operation, words)
        for table, words in _wanted(cursor.fetchall())
        for operation in TRANSITIONS
        if (table, f"trail_{operation}", words) not in there
    ]


def _wanted(tables: list[tuple[str, str | None, list[str]]]) -> Iterator[tuple[str, tuple]]:
    """Each table to watch, with the words its triggers are called with."""
    for table, key, of_bytes in tables:
        if table in UNWATCHED:
            continue
        if key is None:
            raise LookupError(f"{table} has no key of one column: name it in UNWATCHED.")
        masked = sorted({*MASKED.get(table, ()), *of_bytes})
        column, whole = PARTS.get(table, ("", ""))
        untold = UNTOLD.get(table, ())
        yield table, (key, _array(masked), _array(untold), column, whole)


def _array(names) -> str:
    return "{" + ",".join(names) + "}"


def _literal(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"

"""The trail: changes written by triggers, comments, and guards that let nobody rewrite them."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.fields.json import KT

import backoffice.models.trail

# `name` stands for the columns of a row. A new or deleted row tells what is not empty in it.
DIFFERENCES = """
create function trail_differences(old jsonb, new jsonb, masked text[], untold text[])
returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(name, case
               when name = any(masked) then '[]'::jsonb
               else jsonb_build_array(old -> name, new -> name) end), '{}'::jsonb)
      from jsonb_object_keys(coalesce(new, old)) name
      where coalesce(old -> name, 'null') <> coalesce(new -> name, 'null')
        and name <> all(untold)
        and not (old is null and new ->> name in ('', '\\x'))
        and not (new is null and old ->> name in ('', '\\x'))
$$;
"""

# Its words: the key's column, masked and untold columns, the column and table of the whole.
# It works as its owner, so that nobody else needs the right to write here; and for our own tables
# alone, so that nobody signs for one of them from a table of his own.
WRITE = """
create function write_trail() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    key text := tg_argv[0];
    masked text[] := tg_argv[1];
    untold text[] := tg_argv[2];
    part_of text := tg_argv[3];
    whole text := tg_argv[4];
    actor bigint := nullif(current_setting('backoffice.actor', true), '')::bigint;
    request text := coalesce(current_setting('backoffice.request', true), '');
    at timestamptz := statement_timestamp();
begin
    if tg_table_schema <> 'public' then
        raise exception 'The trail is written for the tables of the office.'
          using errcode = 'check_violation', constraint = 'trail_is_of_the_office';
    end if;
    if tg_op = 'INSERT' then
        insert into backoffice_change (at, actor_id, request, table_name, record_key, operation,
                                       whole_table, whole_key, changes)
          select at, actor, request, tg_table_name, after ->> key, 'insert',
                 whole, coalesce(after ->> part_of, ''),
                 trail_differences(null, after, masked, untold)
            from (select to_jsonb(n) as after from new_rows n) rows;
    elsif tg_op = 'DELETE' then
        insert into backoffice_change (at, actor_id, request, table_name, record_key, operation,
                                       whole_table, whole_key, changes)
          select at, actor, request, tg_table_name, before ->> key, 'delete',
                 whole, coalesce(before ->> part_of, ''),
                 trail_differences(before, null, masked, untold)
            from (select to_jsonb(o) as before from old_rows o) rows;
    else
        insert into backoffice_change (at, actor_id, request, table_name, record_key, operation,
                                       whole_table, whole_key, changes)
          select at, actor, request, tg_table_name, record_key, 'update', whole, whole_key, changes
            from (select coalesce(after ->> key, before ->> key) as record_key,
                         coalesce(after ->> part_of, before ->> part_of, '') as whole_key,
                         trail_differences(before, after, masked, untold) as changes
                    from (select to_jsonb(o) as before from old_rows o) olds
                    full join (select to_jsonb(n) as after from new_rows n) news
                      on before ->> key = after ->> key
                    where before is distinct from after) rows
            where changes <> '{}';
    end if;
    return null;
end $$;
"""

FINAL = """
create function guard_trail_is_final() returns trigger language plpgsql as $$
begin
    raise exception 'What is on record stays as it is.'
      using errcode = 'check_violation', constraint = 'trail_is_final';
end $$;
create trigger changes_are_final before update or delete or truncate on backoffice_change
  for each statement execute function guard_trail_is_final();
create trigger events_are_final before update or delete or truncate on backoffice_auditevent
  for each statement execute function guard_trail_is_final();
create trigger comments_are_final before update or delete or truncate on backoffice_comment
  for each statement execute function guard_trail_is_final();
create trigger mentions_are_final before update or delete or truncate
  on backoffice_comment_mentions for each statement execute function guard_trail_is_final();

create function guard_changes_follow() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() < 2 then
        raise exception 'Changes are written down by the database.'
          using errcode = 'check_violation', constraint = 'changes_follow_from_writing';
    end if;
    return null;
end $$;
create trigger changes_follow before insert on backoffice_change
  for each statement execute function guard_changes_follow();
"""


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0003_currencies_and_roles")]

    operations = [
        migrations.AlterModelOptions(
            "auditevent",
            {"ordering": ("-pk",), "verbose_name": "event", "verbose_name_plural": "events"},
        ),
        migrations.AddIndex(
            "auditevent", models.Index(KT("detail__record"), "id", name="event_by_record")
        ),
        migrations.CreateModel(
            "Change",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "actor",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.DO_NOTHING,
                        null=True,
                        db_constraint=False,
                        related_name="+",
                        verbose_name="by",
                        help_text="Empty where a command did it.",
                    ),
                ),
                ("request", models.CharField("request", max_length=64)),
                (
                    "table_name",
                    models.CharField(
                        "what",
                        max_length=63,
                        choices=backoffice.models.trail.tables_in_words,
                    ),
                ),
                ("record_key", models.TextField("key")),
                (
                    "operation",
                    models.CharField(
                        "change",
                        max_length=6,
                        choices=[
                            ("insert", "created"),
                            ("update", "changed"),
                            ("delete", "deleted"),
                        ],
                    ),
                ),
                ("whole_table", models.CharField(max_length=63)),
                ("whole_key", models.TextField()),
                (
                    "changes",
                    models.JSONField("changes", decoder=backoffice.models.trail.Exact),
                ),
            ],
            options={
                "ordering": ("-pk",),
                "verbose_name": "change",
                "verbose_name_plural": "trail",
                "indexes": [
                    models.Index(
                        fields=["table_name", "record_key", "id"], name="change_by_record"
                    ),
                    models.Index(
                        fields=["whole_table", "whole_key", "id"],
                        name="change_by_whole",
                        condition=~models.Q(whole_table=""),
                    ),
                    models.Index(fields=["actor", "id"], name="change_by_actor"),
                    models.Index(fields=["at"], name="change_by_day"),
                ],
            },
        ),
        migrations.CreateModel(
            "Comment",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=uuid.uuid4, unique=True, editable=False),
                ),
                ("label", models.CharField(max_length=80)),
                ("record_key", models.CharField(max_length=64)),
                (
                    "author",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.PROTECT,
                        related_name="comments",
                        verbose_name="by",
                    ),
                ),
                ("text", models.TextField("comment", max_length=4000)),
                ("at", models.DateTimeField("at", auto_now_add=True)),
                (
                    "mentions",
                    models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in"),
                ),
            ],
            options={
                "ordering": ("-pk",),
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "indexes": [
                    models.Index(fields=["label", "record_key", "id"], name="comment_by_record")
                ],
            },
        ),
        migrations.RunSQL(
            DIFFERENCES, "drop function trail_differences(jsonb, jsonb, text[], text[])"
        ),
        # On the way back the triggers of all tables go with it.
        migrations.RunSQL(WRITE, "drop function write_trail() cascade"),
        migrations.RunSQL(
            FINAL,
            "drop function guard_trail_is_final() cascade;"
            "drop function guard_changes_follow() cascade;",
        ),
    ]

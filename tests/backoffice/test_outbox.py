"""The outbox: written with its cause, claimed before it is sent, never twice by itself."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from backoffice import enclosures, files, outbox
from backoffice.errors import Refused
from backoffice.models import AuditEvent, Change, Letter
from tests.backoffice.letters import claimed, send, state_of
from tests.backoffice.running import free_port
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


# --- writing --------------------------------------------------------------------------------


def test_a_letter_arrives_with_its_words_and_its_own_message_id(post_office):
    letter = send("Grüße", text="Tall pines.", html="<p>Tall <b>pines</b>.</p>")

    assert outbox.deliver(worker=None) == 1

    (arrived,) = post_office.arrived
    assert (arrived["To"], arrived["Subject"]) == ("ada@example.com", "Grüße")
    assert arrived["Message-ID"] == letter.message_id
    assert [part.get_content().strip() for part in arrived.iter_parts()] == [
        "Tall pines.",
        "<p>Tall <b>pines</b>.</p>",
    ]
    assert state_of(letter) == "sent"


def test_a_letter_is_taken_back_with_its_cause(post_office):
    with transaction.atomic():
        send()
        transaction.set_rollback(True)

    assert not Letter.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="outbox.send").exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"subject": "Hello\r\nBcc: all@example.com"}, "subject"),
        ({"to": ["tom@example.com\nBcc: all@example.com"]}, "to"),
        ({"to": ["nobody"]}, "to"),
        ({"to": []}, "to"),
    ],
)
def test_what_is_no_subject_or_no_address_is_refused(facts, field):
    with pytest.raises(Refused) as refusal:
        send(**facts)

    assert refusal.value.field == field
    assert not Letter.objects.exists()


def test_files_go_with_a_letter_as_they_were_meant(post_office, files_apart):
    party, user = PartyFactory(), staff("Owner")
    upload = SimpleUploadedFile("Notes.txt", b"Tall pines.", "text/plain")
    kept = files.attach(party, upload, by=user)
    made = enclosures.Made("table.csv", b"a,b\r\n", "text/csv")
    good, spoilt = send(attachments=[kept, made]), send("Spoilt", attachments=[made])
    (files_apart / spoilt.enclosures[0]["stored_name"]).write_bytes(b"other")

    outbox.deliver(worker=None)

    (arrived,) = post_office.arrived
    assert [part.get_filename() for part in arrived.iter_attachments()] == [
        "Notes.txt",
        "table.csv",
    ]
    assert state_of(good) == "sent"
    assert (state_of(spoilt), "table.csv" in spoilt.error) == ("failed", True)


def test_the_words_of_a_letter_are_in_no_trail_and_a_secret_is_gone_once_sent(post_office):
    letter = send(text="https://office/welcome/s3cret/", is_secret=True)

    outbox.deliver(worker=None)

    letter.refresh_from_db()
    assert (letter.text, letter.state) == ("", "sent")
    changes = Change.objects.filter(table_name="backoffice_letter")
    assert changes.exists()
    assert not changes.filter(changes__icontains="s3cret").exists()


# --- sending --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_is_busy_is_asked_again_later_and_not_for_ever(post_office, step):
    post_office.answers[step] = "451 Greylisted"
    letter = send()

    outbox.deliver(worker=None)
    first = (state_of(letter), letter.error, letter.next_attempt_at > timezone.now())
    Letter.objects.update(next_attempt_at=timezone.now(), attempts=outbox.MOST_ATTEMPTS - 1)
    outbox.deliver(worker=None)

    assert first[0] == "waiting"
    assert "451 Greylisted" in first[1]
    assert first[2]
    assert state_of(letter) == "failed"
    assert post_office.arrived == []


def test_a_letter_refused_for_good_says_why_and_others_go(post_office):
    post_office.answers["gone@example.com"] = "550 5.1.1 No such person"
    bad, good = send(to=["gone@example.com"]), send()

    outbox.deliver(worker=None)

    assert (state_of(bad), state_of(good)) == ("failed", "sent")
    assert bad.error == "gone@example.com: 550 5.1.1 No such person"


def test_without_a_server_letters_wait_and_one_attempt_is_counted(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    letters = [send(), send()]

    tried = outbox.deliver(worker=None)

    assert tried == 1
    assert [state_of(letter) for letter in letters] == ["waiting", "waiting"]
    assert [letter.attempts for letter in letters] == [1, 0]
    assert not Letter.objects.filter(next_attempt_at__lte=timezone.now()).exists()


def test_pauses_double_up_to_four_hours():
    minutes = [outbox.pause(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 9, 14)]

    assert minutes == [1, 2, 4, 240, 240]


def test_a_connection_that_breaks_after_the_words_leaves_it_unknown(post_office):
    post_office.hangs_up = True
    letter = send()

    outbox.deliver(worker=None)
    post_office.hangs_up = False
    outbox.deliver(worker=None)

    assert state_of(letter) == "unknown"
    assert len(post_office.arrived) == 1


# --- what nobody knows ----------------------------------------------------------------------


def test_a_letter_whose_worker_died_is_unknown_and_not_sent_by_itself(post_office):
    now = timezone.now()
    dead, fresh = claimed(claimed_at=now - timedelta(minutes=3)), claimed()

    assert outbox.give_up_lost_claims(now=now) == 1
    outbox.deliver(worker=None)

    assert (state_of(dead), state_of(fresh)) == ("unknown", "claimed")
    assert post_office.arrived == []


def test_a_letter_stays_claimed_while_its_worker_lives():
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values returning id")
        worker = cursor.fetchone()[0]
    letter = claimed(claimed_by=worker, claimed_at=timezone.now() - timedelta(minutes=3))

    assert outbox.give_up_lost_claims(now=timezone.now()) == 0
    assert outbox.give_up_lost_claims(now=timezone.now() + timedelta(minutes=20)) == 1
    assert state_of(letter) == "unknown"


def test_a_person_sends_it_again_or_knows_that_it_arrived(client, post_office):
    CompanyFactory()
    client.force_login(staff("Owner"))
    letters = [claimed(claimed_at=timezone.now() - timedelta(minutes=3)) for _n in range(2)]
    outbox.give_up_lost_claims(now=timezone.now())

    again, arrived = letters
    client.post(reverse("backoffice:letter-send-again", args=[again.pk]))
    client.post(reverse("backoffice:letter-mark-as-sent", args=[arrived.pk]))
    outbox.deliver(worker=None)

    assert [state_of(letter) for letter in letters] == ["sent", "sent"]
    assert [letter["Message-ID"] for letter in post_office.arrived] == [again.message_id]
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {
        "letter sent again",
        "letter marked as sent",
    }


def test_a_held_letter_waits_for_a_person(client, post_office):
    CompanyFactory()
    user = staff("Owner")
    client.force_login(user)
    letter = send()

    client.post(reverse("backoffice:letter-hold", args=[letter.pk]))
    outbox.deliver(worker=None)
    held = state_of(letter)
    outbox.send_again(letter, by=user)
    outbox.deliver(worker=None)

    assert (held, state_of(letter)) == ("held", "sent")


def test_a_secret_whose_words_are_gone_is_not_sent_again():
    letter = send(is_secret=True)
    outbox.hold(letter, by=UserFactory())
    outbox.forget(now=timezone.now() + timedelta(days=8))

    with pytest.raises(Refused, match="not kept"):
        outbox.send_again(letter, by=UserFactory())


def test_the_page_of_a_letter_shows_no_words_and_leads_to_its_record(client):
    CompanyFactory()
    client.force_login(staff("Owner"))
    party = PartyFactory()
    letter = send(text="s3cret", about=party)

    page = client.get(letter.get_absolute_url()).content.decode()

    assert "s3cret" not in page
    assert party.get_absolute_url() in page


# --- keeping house --------------------------------------------------------------------------


def test_words_go_after_a_week_and_the_letter_after_a_year(post_office, files_apart):
    made = enclosures.Made("a.csv", b"a", "text/csv")
    letter, waits = send(attachments=[made]), send("Later")
    outbox.hold(waits, by=UserFactory())
    outbox.deliver(worker=None)
    stored = files_apart / letter.enclosures[0]["stored_name"]

    outbox.forget(now=timezone.now() + timedelta(days=6))
    before = (stored.exists(), Letter.objects.get(pk=letter.pk).text)
    outbox.forget(now=timezone.now() + timedelta(days=8))
    after = (stored.exists(), Letter.objects.get(pk=letter.pk).text)
    outbox.forget(now=timezone.now() + timedelta(days=366))

    assert before == (True, "At four.")
    assert after == (False, "")
    assert list(Letter.objects.all()) == [waits]
    assert Letter.objects.get().text == "At four."


def test_troubles_are_counted():
    now = timezone.now()
    Letter.objects.bulk_create(
        Letter(recipients="a@example.com", subject=state, state="waiting", next_attempt_at=at)
        for state, at in (("late", now - timedelta(hours=1)), ("soon", now))
    )

    counted = outbox.troubles(now=now, longest_wait=timedelta(minutes=15))

    assert counted == {"failed": 0, "unknown": 0, "late": 1}

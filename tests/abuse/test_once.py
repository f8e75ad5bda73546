"""Abuse of the books, case D05: whatever is sent twice happens once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounting.models import EntryDraft, JournalEntry
from backoffice import files
from backoffice.models import Attachment, Comment, ImportRun, Party, Site
from backoffice.once import FIELD
from tests.abuse.proof import browser_of
from tests.accounting.test_entry_form import RENT, written
from tests.backoffice.importing import PARTIES, upload
from tests.backoffice.uploads import PDF, picture
from tests.backoffice.uploads import upload as chosen
from tests.factories import PartyFactory, staff


def sent_key(browser: Client, path: str) -> str:
    """The key the page gives its first form."""
    page = browser.get(path).content.decode()
    return page.partition(f'name="{FIELD}" value="')[2].partition('"')[0]


def at_once(user, send, times: int = 4) -> set[str]:
    """Where so many clicks of the same moment lead."""

    def click(_n) -> str:
        try:
            return send(browser_of(user)).url
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as hands:
        return set(hands.map(click, range(times)))


NEW = {
    "party": (Party, "Marketer", {"name": "Twice Ltd", "kind": "organisation"}),
    "site": (Site, "Owner", {"name": "Quay", "city": "Cork", "country": "IE", "time_zone": "UTC"}),
}
NO_ROWS = {
    f"{name}-{mark}_FORMS": 0
    for name in ("addresses", "phones", "emails", "bank_accounts")
    for mark in ("TOTAL", "INITIAL")
}


@pytest.mark.parametrize("what", NEW)
def test_a_record_sent_twice_is_one_record_and_one_page(books, what):
    """D05: also where the second one would be refused as a double."""
    model, role, facts = NEW[what]
    browser, path = browser_of(staff(role)), reverse(f"backoffice:{what}-add")
    sent = facts | NO_ROWS | {FIELD: sent_key(browser, path)}
    before = model.objects.count()

    led = {browser.post(path, sent).url for _n in range(3)}
    other = browser.post(path, sent | {"name": "Another"})

    assert len(led) == 1
    assert other.status_code == 302
    assert other.url not in led
    assert model.objects.count() == before + 2


def test_two_clicks_at_the_same_moment_make_one_record(real_books):
    """D05"""
    user, path = staff("Marketer"), reverse("backoffice:party-add")
    sent = NEW["party"][2] | NO_ROWS | {FIELD: sent_key(browser_of(user), path)}

    led = at_once(user, lambda browser: browser.post(path, sent))

    assert led == {Party.objects.get(name="Twice Ltd").get_absolute_url()}


def test_rows_added_to_a_record_are_added_once(books):
    """D05: an edit adds an address; sent again it does not add another."""
    party, browser = PartyFactory(), browser_of(staff("Marketer"))
    path = reverse("backoffice:party-edit", args=[party.pk])
    address = {"kind": "main", "street": "1 Quay", "city": "Cork", "country": "IE"}
    sent = {"name": party.name, "kind": party.kind} | NO_ROWS | {"addresses-TOTAL_FORMS": 1}
    sent |= {f"addresses-0-{name}": value for name, value in address.items()}
    sent[FIELD] = sent_key(browser, path)

    led = {browser.post(path, sent).url for _n in range(2)}

    assert led == {party.get_absolute_url()}
    assert party.addresses.count() == 1


def test_the_key_of_a_form_is_good_for_its_sender_alone(books):
    """D05: who learns the key of another's form is not led to what it made."""
    path = reverse("backoffice:party-add")
    one, other = browser_of(staff("Marketer")), browser_of(staff("Marketer"))
    sent = NEW["party"][2] | NO_ROWS | {FIELD: sent_key(one, path)}

    assert one.post(path, sent).url != other.post(path, sent).url


@pytest.mark.parametrize("verb", ["duplicate", "save-as-template", "reverse-and-copy"])
def test_an_operation_pressed_twice_is_done_once(real_books, verb):
    """D05"""
    entry, user = real_books.sell(), staff("Accountant")
    path = reverse(f"accounting:journalentry-{verb}", args=[entry.pk])
    sent = {FIELD: str(uuid4())}

    led = at_once(user, lambda browser: browser.post(path, sent))
    led |= {browser_of(user).post(path, sent).url}

    assert len(led) == 1
    assert EntryDraft.objects.count() == 1
    assert JournalEntry.objects.count() == (2 if verb == "reverse-and-copy" else 1)


def test_an_entry_reversed_twice_leads_to_its_one_reversal(real_books):
    """D05: a double click and two tabs."""
    entry, user = real_books.sell(), staff("Accountant")
    path = reverse("accounting:journalentry-reverse", args=[entry.pk])
    sent = {"date": "2024-05-20", "why": "", FIELD: sent_key(browser_of(user), path)}

    led = at_once(user, lambda browser: browser.post(path, sent))

    assert led == {JournalEntry.objects.get(reverses=entry).get_absolute_url()}


def test_an_entry_posted_from_two_tabs_and_again_is_one_entry(real_books):
    """D05"""
    user, path = staff("Bookkeeper"), reverse("accounting:entry-write", args=[uuid4()])

    led = at_once(user, lambda browser: browser.post(path, written(*RENT)))
    led |= {browser_of(user).post(path, written(*RENT)).url}

    assert led == {JournalEntry.objects.get().get_absolute_url()}


def test_a_comment_sent_twice_is_said_once(real_books):
    """D05"""
    party, user = PartyFactory(), staff("Marketer")
    path = reverse("backoffice:party-comment", args=[party.pk])
    sent = {"text": "Twice", "key": str(uuid4())}

    led = at_once(user, lambda browser: browser.post(path, sent))

    assert len(led) == 1
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(("name", "content"), [("a.pdf", PDF), ("a.png", picture())])
def test_a_file_sent_twice_is_one_file(real_books, settings, tmp_path, name, content):
    """D05: its bytes lie there once as well."""
    settings.FILES_DIR = tmp_path / "files"
    party, user = PartyFactory(), staff("Marketer")
    path = reverse("backoffice:file-add", args=["backoffice.party", party.pk])
    key = sent_key(browser_of(user), party.get_absolute_url())

    def send(browser):
        return browser.post(path, {"files": chosen(name, content), FIELD: key})

    led = at_once(user, send) | {send(browser_of(user)).url}

    assert key
    assert len(led) == 1
    assert Attachment.objects.count() == 1
    assert len([p for p in (tmp_path / "files").rglob("*") if p.is_file()]) == 1


def test_a_file_put_back_after_it_was_removed_is_there(books, settings, tmp_path):
    """D05: the same form sent once more after all is not a double."""
    settings.FILES_DIR = tmp_path / "files"
    party, user, key = PartyFactory(), staff("Marketer"), uuid4()
    first = files.attach(party, chosen("a.pdf", PDF), by=user, key=key)
    files.remove(first, by=user)

    second = files.attach(party, chosen("a.pdf", PDF), by=user, key=key)

    assert list(files.files_of(party)) == [second]


def test_an_import_sent_and_begun_twice_is_one_import(books, client, settings, tmp_path):
    """D05"""
    settings.FILES_DIR = tmp_path / "files"
    client.force_login(staff("Bookkeeper"))
    key = uuid4()

    led = {upload(client, PARTIES, key=key).url for _n in range(3)}
    path = reverse("backoffice:import-start", args=[key])
    columns = {"column-name": "Company", "column-email": "Mail", "do": "bring-in"}
    begun = {client.post(path, columns).status_code for _n in range(2)}

    assert led == {reverse("backoffice:import-detail", args=[key])}
    assert begun <= {200, 302, 422}
    assert ImportRun.objects.get().status == "waiting"

"""Writing entries: read strictly, kept as drafts, posted once however often they are sent."""

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounting.entry_sheet import number_written
from accounting.models import EntryDraft, JournalEntry
from backoffice.errors import Refused
from tests.factories import DepartmentFactory, PartyFactory, staff
from tests.factories.accounting import AccountFactory

LINE = ("account", "department", "party", "text", "debit", "credit", "currency", "currency_amount")


def written(*lines: dict, act="post", **head) -> dict:
    """What the form sends."""
    sent = {"date": "2024-05-15", "kind": "normal", "text": "Rent for May", "act": act} | head
    return sent | {f"line_{name}": [line.get(name, "") for line in lines] for name in LINE}


RENT = ({"account": "6000", "debit": "1,234.50"}, {"account": "1000 Bank", "credit": "1234.5"})


@pytest.fixture
def bookkeeper(client, books):
    books.company.language = "en-IE"
    user = staff("Bookkeeper")
    client.force_login(user)
    return user


@pytest.fixture
def address(books):
    return reverse("accounting:entry-write", args=[uuid4()])


def amounts(entry) -> dict[str, Decimal]:
    return {line.account.code: line.amount for line in entry.lines.select_related("account")}


def errors_in(response) -> list[list[str]]:
    return [row.errors for row in response.context["sheet"].rows]


def test_a_new_entry_begins_at_an_address_of_its_own(client, bookkeeper):
    first, second = (client.get(reverse("accounting:entrydraft-add")).url for _n in range(2))

    assert first != second
    assert client.get(first).status_code == 200


def test_posting_enters_what_is_written(client, bookkeeper, address):
    response = client.post(address, written(*RENT))

    entry = JournalEntry.objects.get()
    assert response.url == entry.get_absolute_url()
    assert (entry.text, entry.posted_by) == ("Rent for May", bookkeeper)
    assert amounts(entry) == {"6000": Decimal("1234.5"), "1000": Decimal("-1234.5")}
    assert not EntryDraft.objects.exists()


def test_sending_again_is_the_same_entry(client, bookkeeper, address):
    answers = {client.post(address, written(*RENT)).url for _n in range(3)}

    again = client.get(address)

    entry = JournalEntry.objects.get()
    assert answers == {entry.get_absolute_url()}
    assert again.url == entry.get_absolute_url()


def test_a_saved_draft_posted_in_two_tabs_is_one_entry(client, bookkeeper, address):
    client.post(address, written(*RENT, act="save"))

    one, other = (client.post(address, written(*RENT)).url for _n in range(2))

    assert one == other
    assert JournalEntry.objects.count() == 1


def test_two_clicks_at_the_same_moment_post_once(real_books):
    user, address = staff("Bookkeeper"), reverse("accounting:entry-write", args=[uuid4()])

    def click(_n) -> str:
        browser = Client()
        browser.force_login(user)
        try:
            return browser.post(address, written(*RENT)).url
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as hands:
        answers = set(hands.map(click, range(4)))

    assert answers == {JournalEntry.objects.get().get_absolute_url()}


def test_post_and_next_goes_on_with_an_empty_form(client, bookkeeper, address):
    response = client.post(address, written(*RENT, act="next"), follow=True)

    assert JournalEntry.objects.count() == 1
    assert response.context["sheet"].rows == []
    assert "is posted" in response.content.decode()


def test_a_draft_is_kept_unfinished_and_found_again(client, bookkeeper, address):
    client.post(address, written({"account": "rent"}, act="save", date=""))

    draft = EntryDraft.objects.get()
    assert (draft.text, draft.date, draft.made_by) == ("Rent for May", None, bookkeeper)
    assert 'value="6000 Rent"' in client.get(address).content.decode()
    assert client.get(draft.get_absolute_url()).url == address


def test_line_facts_are_kept(client, bookkeeper, address, books):
    department, party = DepartmentFactory(), PartyFactory(name="Bluefin Logistics")
    rent = {"account": "6000", "debit": "90", "department": department.pk, "party": "bluefin"}
    bank = {"account": "1090", "credit": "90", "currency": "usd", "currency_amount": "100"}

    client.post(address, written(rent | {"text": "Quay 3"}, bank))

    first, second = JournalEntry.objects.get().lines.order_by("position")
    assert (first.department, first.party, first.text) == (department, party, "Quay 3")
    assert (second.currency_id, second.currency_amount) == ("USD", Decimal(-100))


def test_opening_balances_are_an_entry_of_that_kind(client, bookkeeper, address, books):
    equity = AccountFactory(code="3000", name="Opening", kind="equity")
    lines = ({"account": "1000", "debit": "50"}, {"account": equity.code, "credit": "50"})

    client.post(address, written(*lines, kind="opening", date="2024-01-01"))

    assert JournalEntry.objects.get().kind == "opening"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"account": "nonsense", "debit": "5"}, "There is no account “nonsense”"),
        ({"account": "Bnak", "debit": "5"}, "Did you mean 1000 Bank"),
        ({"account": "10", "debit": "5"}, "fits several accounts: 1000 Bank, 1090 Dollars"),
        ({"account": "5000", "debit": "5"}, "is a heading; choose an account below it: 5010"),
        ({"account": "7000", "debit": "5"}, "7000 Old is inactive"),
        ({"account": "6000", "debit": "12,34"}, "“12,34” is not a clear number"),
        ({"account": "6000", "debit": "5 000"}, "is not a clear number"),
        ({"account": "6000", "debit": "-5"}, "has no minus here"),
        ({"account": "6000", "debit": "1e3"}, "is not a clear number"),
        ({"account": "6000", "debit": "NaN"}, "is not a clear number"),
        ({"account": "6000", "debit": "5.005"}, "has more decimals than EUR has"),
        ({"account": "6000", "debit": "9" * 16}, "more than 15 digits"),
        ({"account": "6000", "debit": "5", "credit": "5"}, "a debit or a credit, not both"),
        ({"account": "6000"}, "Give an amount"),
        ({"account": "6000", "debit": "0"}, "Give an amount"),
        ({"debit": "5"}, "Choose an account"),
        ({"account": "6000", "debit": "5", "party": "Nobody"}, "nobody called “Nobody”"),
        ({"account": "6000", "debit": "5", "party": "twin"}, "fits several parties"),
        ({"account": "6000", "debit": "5", "department": "999999"}, "no such department"),
        ({"account": "6000", "debit": "5", "currency": "ZZZ"}, "no currency “ZZZ”"),
        ({"account": "6000", "debit": "5", "currency": "USD"}, "no amount in it"),
        ({"account": "1090", "debit": "5"}, "kept in USD"),
        ({"account": "1200", "debit": "5"}, "Say who"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_at_the_line(
    client, bookkeeper, address, books, line, sentence
):
    heading = AccountFactory(code="5000", name="Costs")
    AccountFactory(code="5010", name="Freight", parent=heading)
    AccountFactory(code="7000", name="Old", is_active=False)
    AccountFactory(code="1200", name="Customers", kind="asset", role="receivable")
    PartyFactory(name="Twin one")
    PartyFactory(name="Twin two")

    response = client.post(address, written({"account": "1000", "credit": "5"}, line))

    assert response.status_code == 200
    right, wrong = errors_in(response)
    assert right == []
    assert sentence in " ".join(wrong)
    assert not JournalEntry.objects.exists()
    assert not EntryDraft.objects.exists()


def test_nothing_written_is_lost_when_it_is_refused(client, bookkeeper, address):
    lines = ({"account": "Bnak", "debit": "12,34", "text": "Quay 3"}, {"credit": "7"})

    page = client.post(address, written(*lines, text="My words")).content.decode()

    for words in ("Bnak", "12,34", "Quay 3", "My words"):
        assert f'value="{words}"' in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (written(*RENT, date="2031-01-01"), "open its fiscal year first"),
        (written(*RENT, date=""), "Give the entry its date"),
        (written(*RENT, date="15th of May"), "valid date"),
        (written(RENT[0]), "two lines or more"),
        (written(), "two lines or more"),
        (written(RENT[0], {"account": "1000", "credit": "1"}), "does not balance"),
        (written(*RENT, text="x" * 201), "at most 200"),
        (written(*RENT, kind="sorcery"), "Select a valid choice"),
    ],
)
def test_an_entry_that_may_not_be_posted_says_why(client, bookkeeper, address, sent, sentence):
    response = client.post(address, sent)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not JournalEntry.objects.exists()


def test_a_closed_period_refuses_the_entry(client, bookkeeper, address, books):
    from accounting.years import close_period

    for month in range(1, 6):
        close_period(books.period(month), by=books.user)

    response = client.post(address, written(*RENT))

    assert "is closed" in response.content.decode()
    assert not JournalEntry.objects.exists()


def test_numbers_are_read_in_the_local_form():
    forms = [("1,234.56", "en_IE"), ("1.234,56", "de_DE"), ("1234,56", "de_DE")]
    forms += [("1’234.56", "de_CH"), ("1\u202f234,56", "fr_FR"), ("1 234,56", "fr_FR")]

    assert {number_written(text, locale=where) for text, where in forms} == {Decimal("1234.56")}


@pytest.mark.parametrize(("text", "where"), [("1234.56", "de_DE"), ("1.23", "de_DE"), (",", "en")])
def test_a_number_of_another_country_is_refused(text, where):
    with pytest.raises(Refused, match="not a clear number"):
        number_written(text, locale=where)


def test_more_lines_are_offered_without_javascript(client, bookkeeper, address):
    few = client.post(address, written(*RENT, act="save"), follow=True)
    more = client.post(address, written(*RENT, act="more"))

    def rows(response):
        return len(re.findall("data-line ", response.content.decode()))

    assert rows(more) > rows(few)
    assert 'value="1,234.50"' in more.content.decode()


def test_an_unknown_button_is_a_bad_request(client, bookkeeper, address):
    assert client.post(address, written(*RENT, act="explode")).status_code == 400


def test_a_discarded_draft_comes_back_by_undo(client, bookkeeper, address):
    client.post(address, written(*RENT, act="save"))
    draft = EntryDraft.objects.get()

    said = client.post(reverse("accounting:entrydraft-discard", args=[draft.pk]), follow=True)
    listed = client.get(reverse("accounting:entrydraft-list"))
    refused = client.post(address, written(*RENT))
    restore = reverse("accounting:entrydraft-restore", args=[draft.pk])
    back = client.post(restore, follow=True)

    assert restore in said.content.decode()
    assert listed.context["page"].rows == []
    assert "restore it first" in refused.content.decode()
    assert 'value="6000 Rent"' in back.content.decode()
    assert (
        client.post(address, written(*RENT)).url == JournalEntry.objects.get().get_absolute_url()
    )


def test_a_template_starts_entries_and_is_never_posted(client, bookkeeper, address):
    client.post(address, written(*RENT, act="template", new_template="Monthly rent"))
    template = EntryDraft.objects.exclude(template_name="").get()

    started = client.post(reverse("accounting:entrydraft-start", args=[template.pk]), follow=True)
    own = reverse("accounting:entry-write", args=[template.key])
    refused = client.post(own, written(*RENT, template_name="Monthly rent"))

    assert 'value="1234.50"' in started.content.decode()
    assert "is a template" in refused.content.decode()
    assert "Monthly rent" in client.get(reverse("accounting:template-list")).content.decode()
    offered = client.get(reverse("accounting:entry-write", args=[uuid4()])).context["templates"]
    assert offered == [template]


def test_a_template_is_renamed_in_its_form(client, bookkeeper, address):
    client.post(address, written(*RENT, act="template", new_template="Rent"))
    template = EntryDraft.objects.exclude(template_name="").get()
    own = reverse("accounting:entry-write", args=[template.key])

    nameless = client.post(own, written(*RENT, act="save", template_name=""))
    client.post(own, written(*RENT, act="save", template_name="Rent of the quay"))

    assert nameless.status_code == 200
    template.refresh_from_db()
    assert template.template_name == "Rent of the quay"


def test_who_only_reads_sees_a_draft_and_writes_none(client, bookkeeper, address, books):
    client.post(address, written(*RENT, act="save"))
    draft = EntryDraft.objects.get()
    client.force_login(staff("Auditor"))

    assert client.get(draft.get_absolute_url(), follow=True).status_code == 200
    assert client.get(address).status_code == 403
    assert client.post(address, written(*RENT)).status_code == 403
    assert not JournalEntry.objects.exists()

"""A month is closed when everything ties out, or may pass for a reason."""

from datetime import date
from decimal import Decimal

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from accounting.closing import ask_to_reopen, checklist, close, waive
from accounting.models import Period, PeriodEvent, Waiver
from accounting.posting import credit, debit, post
from accounting.years import reopen_period
from backoffice.approvals import approve
from backoffice.errors import Refused
from backoffice.models import Approval, Company
from tests.factories.backoffice import staff
from tests.factories.documents import A_DAY, draft_bill, draft_invoice, trading_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


def march() -> Period:
    return Period.objects.get(starts_on=date(2026, 3, 1))


def close_until_march(books) -> Period:
    for period in Period.objects.filter(starts_on__lte=date(2026, 3, 1)).order_by("starts_on"):
        close(period, by=books.approver)
    return march()


def unexplained(books, amount="5.00", on=A_DAY):
    amount = Decimal(amount)
    lines = [debit("bank", amount), credit("suspense", amount)]
    return post(on=on, text="What is this?", lines=lines, by=books.clerk)


def standing(period) -> dict[str, bool]:
    return {checked.tie_out.name: checked.is_settled for checked in checklist(period)}


def test_a_month_that_ties_out_is_closed(books):
    close_until_march(books)

    assert march().is_closed


def test_what_does_not_tie_out_keeps_it_open_and_is_named(books):
    unexplained(books)
    for period in Period.objects.filter(starts_on__lt=date(2026, 3, 1)).order_by("starts_on"):
        close(period, by=books.approver)

    with pytest.raises(Refused, match="Accounts that pass money on"):
        close(march(), by=books.approver)

    assert not march().is_closed


@pytest.mark.parametrize("draft", [draft_invoice, draft_bill])
def test_a_draft_dated_in_the_month_keeps_it_open(books, draft):
    draft(books, 100)

    assert standing(march())["drafts"] is False


def test_a_waiver_lets_a_finding_pass_with_its_reason(books):
    unexplained(books)

    waive(march(), "clearing", why="The bank will tell in April.", by=books.approver)

    close_until_march(books)
    assert march().is_closed
    assert Waiver.objects.get().by == books.approver


@pytest.fixture
def german(settings, tmp_path):
    """A German catalogue, in which a draft is called otherwise."""
    catalogue = Catalog(locale="de")
    catalogue.add(
        ("%(count)s invoice", "%(count)s invoices"), ("%(count)s Rechnung", "%(count)s Rechnungen")
    )
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("de"):
        yield
    trans_real._translations.pop("de", None)


def test_a_waiver_holds_for_whoever_reads_in_another_language(books, german):
    draft_invoice(books, 100)
    with translation.override("en"):
        waive(march(), "drafts", why="It is written in April.", by=books.approver)

    (found,) = (one for one in checklist(march()) if one.tie_out.name == "drafts")

    assert found.tie_out.detail == "1 Rechnung"
    assert found.is_settled
    assert not waive(march(), "drafts", why="Again.", by=books.approver).why.startswith("Again")


def test_another_finding_needs_another_waiver(books):
    unexplained(books)
    waive(march(), "clearing", why="Five is fine.", by=books.approver)

    unexplained(books, "6.00")

    assert standing(march())["clearing"] is False


@pytest.mark.parametrize(
    ("name", "why", "sentence"),
    [("clearing", " ", "Say why"), ("books", "No reason", "holds"), ("nothing", "So", "no such")],
)
def test_a_waiver_without_sense_is_refused(books, name, why, sentence):
    unexplained(books)

    with pytest.raises(Refused, match=sentence):
        waive(march(), name, why=why, by=books.approver)


def test_reopening_takes_a_second_person(books):
    second = staff("Accountant")
    period = close_until_march(books)
    approval = ask_to_reopen(period, by=books.approver, why="A late bill.", on=A_DAY)

    with pytest.raises(Refused):
        approve(approval, by=books.approver, on=A_DAY)
    assert march().is_closed

    approve(approval, by=second, on=A_DAY)
    assert not march().is_closed
    event = PeriodEvent.objects.filter(kind="reopened").get()
    assert (event.why, event.by) == ("A late bill.", books.approver)


def test_the_log_names_who_asked_and_who_agreed(books, client):
    second = staff("Accountant", name="Sara Second")
    approval = ask_to_reopen(close_until_march(books), by=books.approver, why="Late.", on=A_DAY)
    approve(approval, by=second, on=A_DAY)
    close(march(), by=books.approver)
    reopen_period(march(), by=None, why="By command.")
    client.force_login(second)

    page = client.get(reverse("accounting:period-list"))

    reopened = [one for one in page.context["log"] if one.event.kind == "reopened"]
    assert [one.approval for one in reopened] == [None, approval]
    said = page.content.decode()
    assert said.count("asked by Abel Approver, approved by Sara Second: “Late.”") == 1


def test_who_agreed_alone_is_named_so(books, client):
    Company.objects.update(works_alone=True)
    approval = ask_to_reopen(close_until_march(books), by=books.approver, why="Late.", on=A_DAY)
    approve(approval, by=books.approver, on=A_DAY, why="Nobody else", alone=True)
    client.force_login(books.approver)

    said = client.get(reverse("accounting:period-list")).content.decode()

    assert "asked and approved alone by Abel Approver" in said


def test_a_second_request_leads_to_the_one_that_waits(books, client):
    period = close_until_march(books)
    asked = ask_to_reopen(period, by=books.approver, why="Late.", on=A_DAY)
    client.force_login(staff("Accountant"))
    address = reverse("accounting:period-reopen", args=[period.pk])

    listed = client.get(reverse("accounting:period-list")).content.decode()
    answers = [client.get(address), client.post(address, {"why": "Another bill."}, follow=True)]

    assert f'href="{asked.get_absolute_url()}">Reopening is asked for' in listed
    assert address not in listed
    assert answers[0].url == asked.get_absolute_url()
    assert answers[1].redirect_chain == [(asked.get_absolute_url(), 302)]
    assert "Abel Approver asked for this already" in answers[1].content.decode()
    assert Approval.objects.count() == 1
    with pytest.raises(Refused, match="Abel Approver asked for this already"):
        ask_to_reopen(period, by=books.clerk, why="Another bill.", on=A_DAY)


def test_a_request_of_an_earlier_closing_is_no_longer_in_the_way(books):
    period = close_until_march(books)
    ask_to_reopen(period, by=books.approver, why="Late.", on=A_DAY)
    reopen_period(march(), by=None, why="By command.")
    close(march(), by=books.approver)

    again = ask_to_reopen(march(), by=books.approver, why="Later.", on=A_DAY)

    assert again.state == "waiting"


def test_who_may_not_close_reads_who_may(books, client):
    close_until_march(books)
    april = Period.objects.get(starts_on=date(2026, 4, 1))
    client.force_login(books.clerk)
    said = client.get(reverse("accounting:period-close", args=[april.pk])).content.decode()
    client.force_login(books.approver)
    silent = client.get(reverse("accounting:period-close", args=[april.pk])).content.decode()

    assert "Closing is for: Accountant, Owner" in said
    assert "Closing is for" not in silent


def test_amounts_on_the_close_page_are_written_as_they_are_read(books, client):
    unexplained(books, "12345.60")
    client.force_login(books.approver)

    said = client.get(reverse("accounting:period-close", args=[march().pk])).content.decode()

    assert "12,345.60 EUR" in said


def test_only_the_period_closed_last_is_reopened(books):
    close_until_march(books)
    january = Period.objects.get(starts_on=date(2026, 1, 1))

    with pytest.raises(Refused, match="closed last"):
        ask_to_reopen(january, by=books.approver, why="Late.", on=A_DAY)


def test_it_is_closed_in_the_browser_after_a_look_at_what_does_not_hold(books, client):
    unexplained(books)
    for period in Period.objects.filter(starts_on__lt=date(2026, 3, 1)).order_by("starts_on"):
        close(period, by=books.approver)
    client.force_login(books.approver)
    address = reverse("accounting:period-close", args=[march().pk])

    looked = client.get(address)
    refused = client.post(address, follow=True)
    client.post(
        reverse("accounting:period-waive", args=[march().pk, "clearing"]), {"why": "Known."}
    )
    client.post(address)

    assert looked.context["all_settled"] is False
    assert "Not yet settled" in refused.content.decode()
    assert march().is_closed


def test_the_close_report_is_paper(books, client):
    client.force_login(books.approver)

    answer = client.get(reverse("accounting:period-close-paper", args=[march().pk]))

    assert answer.content.startswith(b"%PDF-")


def test_who_may_not_close_does_not(books, client):
    client.force_login(books.clerk)

    answer = client.post(reverse("accounting:period-close", args=[march().pk]))

    assert answer.status_code == 403
    assert not march().is_closed

"""The books of the demo company are believable, and other people's programs say so too."""

import subprocess
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from accounting.ageing import ageing
from accounting.balance_sheet import balance_sheet
from accounting.bank_proof import newest_close, proof_of
from accounting.checks import findings
from accounting.closing import checklist
from accounting.demo.plan import Plan
from accounting.drafts import post_draft
from accounting.export_names import for_beancount, for_hledger, names_for
from accounting.income_statement import income_statement
from accounting.models import (
    Account,
    Bill,
    EntryDraft,
    ExpenseClaim,
    Invoice,
    JournalEntry,
    JournalLine,
    OwnAccount,
    PaymentRun,
    Period,
    StatementLine,
)
from accounting.open_items import open_items
from accounting.proposals import proposals_for
from accounting.reminders import proposals as reminders_due
from backoffice.demo import make_demo
from backoffice.models import Approval, Department
from backoffice.money import ZERO, rounded
from tests.accounting.others import (
    BALANCES,
    BEAN_CHECK,
    BEAN_QUERY,
    RESULTS,
    journal_for,
    needs_beancount,
    needs_hledger,
    run,
)
from tests.databases import empty_database, owner_cursor

TODAY, BEGINS_ON = date(2026, 11, 23), date(2026, 7, 1)


@pytest.fixture(scope="module", params=["GB", "US"])
def whole_story(request, django_db_setup, django_db_blocker):
    """Some months of books, made once for all tests, which only look at them."""
    with django_db_blocker.unblock():
        made = make_demo(on=TODAY, country=request.param, employees=14, months=4)
        # The tables were empty a moment ago; without this the server plans as if they still were.
        with owner_cursor() as cursor:
            cursor.execute("analyze")
        yield made
        connection.close()
        empty_database()


@pytest.fixture
def story(whole_story):
    """The story, as if no test before had touched it."""
    with transaction.atomic():
        yield whole_story
        transaction.set_rollback(True)


def lines_of(role: str):
    return JournalLine.objects.filter(account__role=role)


def sums(lines, by: str) -> dict:
    return dict(lines.values_list(by).annotate(Sum("amount")).order_by(by))


def running(amounts) -> list[Decimal]:
    total, found = ZERO, []
    for amount in amounts:
        total += amount
        found.append(total)
    return found


def test_the_books_are_provably_right(story):
    assert [finding for finding in findings() if not finding.holds] == []


def test_they_begin_with_opening_balances_and_end_today(story):
    first, *_others = JournalEntry.objects.order_by("date", "number")
    days = JournalEntry.objects.order_by("date").values_list("date", flat=True)
    per_month = JournalEntry.objects.values("date__year", "date__month").annotate(n=Count("pk"))

    assert first.kind == "opening"
    assert first.date == days[0] == BEGINS_ON
    assert TODAY.replace(day=16) <= days.last() <= TODAY
    assert per_month.count() == 5
    assert all(month["n"] > 20 for month in per_month)


def test_all_months_but_the_last_two_and_this_one_are_closed(story):
    past = Period.objects.filter(starts_on__lte=TODAY)

    assert list(past.filter(closed_at=None).order_by("starts_on").values_list("starts_on")) == [
        (date(2026, 9, 1),),
        (date(2026, 10, 1),),
        (date(2026, 11, 1),),
    ]


def test_all_of_it_ties_out_and_each_month_that_could_be_closed_was_by_its_checklist(story):
    told = {period: checklist(period) for period in Period.objects.filter(ends_on__lt=TODAY)}
    closed = [period for period in told if period.is_closed]

    assert len(closed) >= 2
    for period in told:
        unsettled = {found.tie_out.name for found in told[period] if not found.is_settled}
        assert unsettled <= ({"drafts"} if period.starts_on == date(2026, 10, 1) else set())
    for role in ("receivable", "payable"):
        assert ageing(on=TODAY, role=role).ties


def test_the_bank_is_proved_and_its_newest_lines_wait_with_proposals(story):
    own = OwnAccount.objects.get()
    waiting = StatementLine.objects.filter(own_account=own, matches=None).order_by("date")
    proposed = proposals_for(list(waiting), own)

    assert proof_of(newest_close(own)).is_proved
    assert newest_close(own).ends_on == TODAY - timedelta(days=1)
    assert 2 <= waiting.count() <= 40
    assert waiting.first().date > TODAY - timedelta(days=11)
    assert any(proposed.values())


def test_work_lies_on_the_desks(story):
    late = open_items(on=TODAY).filter(due_on__lt=TODAY, open_amount__gt=0)

    assert 2 <= late.count() <= 25
    assert reminders_due(on=TODAY)
    assert Invoice.objects.filter(number="").count() == 1
    assert 3 <= Bill.objects.filter(state=Bill.State.SUBMITTED).count() <= 12
    assert PaymentRun.objects.filter(state=PaymentRun.State.WAITING).count() == 1
    assert ExpenseClaim.objects.filter(state=ExpenseClaim.State.SUBMITTED).exists()
    assert Approval.objects.filter(state=Approval.State.WAITING).count() >= 5


def test_the_bank_is_never_overdrawn_nor_the_cash_box_empty(story):
    for role in ("bank", "cash"):
        by_day = sums(lines_of(role), "date")

        assert min(running(by_day.values())) > 0


def test_it_neither_earns_nor_loses_much(story):
    whole_months = JournalLine.objects.filter(date__lt=TODAY.replace(day=1))
    income = -whole_months.filter(account__kind="income").aggregate(s=Sum("amount"))["s"]
    result = -whole_months.filter(account__kind__in=["income", "expense"]).aggregate(
        s=Sum("amount")
    )["s"]

    assert Decimal("-0.06") < result / income < Decimal("0.12")


def test_it_grows_a_little_no_two_months_are_alike_and_august_is_quiet(story):
    plan, random = Plan(story), Random(1)
    months = [[plan.revenue(date(y, m, 1), random) for m in range(1, 13)] for y in (2025, 2026)]

    assert len({*months[0], *months[1]}) == 24
    assert Decimal("1.01") < sum(months[1]) / sum(months[0]) < Decimal("1.15")
    assert months[0][7] < months[0][3] * Decimal("0.9")


def test_customers_owe_and_suppliers_are_owed_what_is_believable(story):
    owed = sums(lines_of("receivable"), "party")
    owing = sums(lines_of("payable"), "party")
    month = -JournalLine.objects.filter(account__kind="income").aggregate(s=Sum("amount"))["s"] / 5

    assert None not in {**owed, **owing}
    assert min(owed.values()) >= 0
    assert max(owing.values()) <= 0
    assert month * Decimal("0.7") < sum(owed.values()) < month * Decimal("2.5")
    assert month * Decimal("0.3") < -sum(owing.values()) < month * Decimal("1.4")


def test_income_and_expense_are_those_of_the_departments(story):
    costs = set(sums(lines_of("wages"), "department__code"))
    sold = JournalLine.objects.filter(account__kind="income")

    assert costs == set(Department.objects.values_list("code", flat=True))
    assert set(sums(sold, "department__code")) == {"WORKSHOP", "FITTING"}


def test_wages_are_paid_and_what_is_withheld_is_handed_over_the_month_after(story):
    lasting = {"bank", "wages_payable", "tax_withheld_payable"}
    at_month_end = {
        role: lines_of(role).filter(date__lte=date(2026, 10, 31)).aggregate(s=Sum("amount"))["s"]
        for role in lasting
    }
    now = lines_of("tax_withheld_payable").aggregate(s=Sum("amount"))["s"]

    assert at_month_end["wages_payable"] == 0
    assert at_month_end["tax_withheld_payable"] < 0
    assert now == 0


def test_a_mistake_was_taken_back(story):
    taken_back = JournalEntry.objects.filter(reverses__isnull=False)
    reversal = taken_back.exclude(reverses__source_key__startswith="revaluation:").get()
    both = JournalLine.objects.filter(Q(entry=reversal) | Q(entry=reversal.reverses))

    assert reversal.date > reversal.reverses.date
    assert set(sums(both, "account").values()) == {ZERO}


def test_drafts_lie_on_the_desk_and_the_finished_one_can_be_posted(story):
    drafts = EntryDraft.objects.filter(template_name="")
    finished = drafts.get(date__isnull=False)

    entry = post_draft(finished, by=story.holders("Bookkeeper")[0])

    assert entry.date == date(2026, 10, 31)
    assert drafts.count() == 1
    assert EntryDraft.objects.filter(template_name="Accrual of electricity").exists()


def test_nothing_is_posted_to_a_heading_and_hardly_anything_to_one_account(story):
    used = Account.objects.filter(lines__isnull=False).distinct()

    assert not used.filter(children__isnull=False).exists()
    assert used.count() >= 40


# --- other people's programs ---------------------------------------------------------------


@pytest.fixture
def journal(story, tmp_path):
    """The whole journal for another program."""
    return lambda program: journal_for(program, tmp_path)


def leaves(statement):
    return [row for row in statement.rows if row.name == "account" and row.style == "account"]


def our_balances(spelled):
    """Accounts of our balance sheet as others call them, debits positive, and its totals."""
    names, sheet = names_for(spelled), balance_sheet(on=TODAY)
    ours = {
        names[row.source.accounts[0]]: row.source.sign * row.amounts[0] for row in leaves(sheet)
    }
    whole = {name: sheet.row(name.lower()).amounts[0] for name in BALANCES}
    return {name: amount for name, amount in ours.items() if amount}, whole


def our_months(spelled):
    """Our income statement by month, debits positive."""
    names = names_for(spelled)
    found = income_statement(first=BEGINS_ON, last=TODAY, by="month")
    months = [column.name for column in found.columns[:-1]]
    return {
        (names[row.source.accounts[0]], month): row.source.sign * amount
        for row in leaves(found)
        for month, amount in zip(months, row.amounts[:-1], strict=True)
        if amount
    }


def agree_on_the_balance_sheet(theirs, spelled):
    """The same accounts with the same amounts, and the same totals of the kinds."""
    ours, whole = our_balances(spelled)

    def total(*kinds):
        return sum((a for name, a in theirs.items() if name.split(":")[0] in kinds), Decimal(0))

    assert {n: a for n, a in theirs.items() if n.split(":")[0] in BALANCES} == ours
    assert len(ours) > 15
    assert total("Assets") == whole["Assets"]
    assert -total("Liabilities") == whole["Liabilities"]
    assert -total("Equity", *RESULTS) == whole["Equity"]


@needs_hledger
def test_hledger_accepts_the_books_and_reaches_our_statements(story, journal):
    path, options = journal("hledger"), ("-B", "--flat", "-N", "-O", "csv", "--layout=bare")
    months = ("^Income", "^Expenses", "-M", "-b", "2026-07-01", "-e", "2026-12-01")

    run("hledger", "-f", path, "check", "-s")
    _header, *balances = run("hledger", "-f", path, "bal", *options)
    header, *results = run("hledger", "-f", path, "bal", *months, *options)

    found = {name: Decimal(amount) for name, _currency, amount in balances}
    agree_on_the_balance_sheet({n: a for n, a in found.items() if a}, for_hledger)
    by_month = {
        (name, month): Decimal(amount)
        for name, _currency, *amounts in results
        for month, amount in zip(header[2:], amounts, strict=True)
        if Decimal(amount)
    }
    assert {month for _name, month in by_month} == {f"2026-{n:02}" for n in range(7, 12)}
    assert by_month == our_months(for_hledger)


@needs_beancount
def test_beancount_accepts_the_books_and_reaches_our_statements(story, journal):
    path, sums = journal("beancount"), f"number(only('{story.country.currency}', sum(weight)))"
    by_month = f"select account, year, month, {sums} group by account, year, month"

    run(BEAN_CHECK, path)
    balances = run(BEAN_QUERY, "-f", "csv", path, f"select account, {sums} group by account")
    results = run(BEAN_QUERY, "-f", "csv", path, by_month)

    found = {name.strip(): rounded(Decimal(amount), 2) for name, amount in balances[1:]}
    agree_on_the_balance_sheet({n: a for n, a in found.items() if a}, for_beancount)
    theirs = {
        (name.strip(), f"{year}-{int(month):02}"): rounded(Decimal(amount), 2)
        for name, year, month, amount in results[1:]
        if name.split(":")[0] in RESULTS and rounded(Decimal(amount), 2)
    }
    assert theirs == our_months(for_beancount)


@needs_hledger
def test_a_cent_that_is_changed_is_found(journal):
    path = journal("hledger")
    amount = JournalLine.objects.filter(account__role="wages").first().amount
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"{amount:.2f} ", f"{amount + Decimal('0.01'):.2f} ", 1))

    done = subprocess.run(["hledger", "-f", path, "check", "-s"], capture_output=True, text=True)

    assert done.returncode != 0
    assert "balance" in done.stderr

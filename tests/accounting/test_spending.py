"""Bills and claims are held against the budget, when asked for and when approved."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounting import bills, claims
from accounting.bills import Bought, record_bill
from accounting.budgets import put_in_force
from accounting.models import Account, Bill, Budget, FiscalYear, JournalEntry
from accounting.spending import warnings_in
from backoffice.approvals import approve
from backoffice.errors import Refused
from backoffice.models import Approval, Department
from tests.factories.backoffice import DepartmentFactory, staff
from tests.factories.budgets import BudgetFactory, plan
from tests.factories.documents import A_DAY, draft_bill, draft_claim, trading_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db):
    return trading_books()


@pytest.fixture
def quay(books):
    return DepartmentFactory(name="Quay")


def planned(books, department, account, amount, overspending="warn") -> Budget:
    budget = BudgetFactory(fiscal_year=FiscalYear.objects.get(), overspending=overspending)
    plan(budget, department, account, amount)
    put_in_force(budget, by=books.clerk)
    return budget


def bill_of(books, department, *prices) -> Bill:
    bill = draft_bill(books, *prices)
    bill.lines.update(department=department)
    return bill


def test_a_bill_beyond_the_budget_warns_who_enters_and_who_approves(books, quay, client):
    planned(books, quay, books.account("purchases"), 150)
    bill = bill_of(books, quay, 100, 100)
    client.force_login(books.clerk)

    page = client.post(reverse("accounting:bill-submit", args=[bill.pk]), follow=True)

    sentence = "200.00 EUR is more than Quay has left in the budget"
    assert sentence in page.content.decode()
    client.force_login(books.approver)
    approval = Approval.objects.get(record_key=str(bill.pk), verb=bills.VERB)
    assert sentence in client.get(approval.get_absolute_url()).content.decode()
    approve(approval, by=books.approver, on=A_DAY)
    bill.refresh_from_db()
    assert bill.state == "posted"


def test_a_bill_within_the_budget_says_nothing(books, quay):
    planned(books, quay, books.account("purchases"), 200)

    assert warnings_in(bills.submit(bill_of(books, quay, 100, 100), by=books.clerk)) == []


def test_a_budget_that_stops_refuses_the_bill_and_leaves_it_a_draft(books, quay):
    planned(books, quay, books.account("purchases"), 150, "stop")
    bill = bill_of(books, quay, 100, 100)

    with pytest.raises(Refused, match="more than Quay has left"):
        bills.submit(bill, by=books.clerk)

    bill.refresh_from_db()
    assert bill.state == "draft"


def test_a_bill_of_another_function_is_stopped_as_well(books, quay):
    planned(books, quay, books.account("purchases"), 150, "stop")

    with pytest.raises(Refused, match="more than Quay has left"):
        record_bill(
            supplier=books.supplier,
            reference="A-1",
            on=A_DAY,
            lines=[Bought("Laptop", Decimal(200), department=quay)],
            by=books.clerk,
            source_key="laptop:1",
        )

    assert not Bill.objects.exists()


def test_of_two_bills_that_fit_alone_the_second_is_not_approved(books, quay):
    planned(books, quay, books.account("purchases"), 150, "stop")
    first, second = (bills.submit(bill_of(books, quay, 100), by=books.clerk) for _time in range(2))
    approve(first, by=books.approver, on=A_DAY)

    with pytest.raises(Refused, match=r"100.00 EUR is more than Quay has left .* 50.00"):
        approve(second, by=books.approver, on=A_DAY)

    assert JournalEntry.objects.count() == 1


def test_departments_together_are_held_against_the_plan_of_the_one_above(books, quay):
    planned(books, Department.objects.get(parent=None), books.account("purchases"), 150)
    bill = bill_of(books, quay, 100, 100)
    last = bill.lines.last()
    last.department = DepartmentFactory(name="Dock")
    last.save()

    (warning,) = warnings_in(bills.submit(bill, by=books.clerk))

    assert warning.startswith("200.00 EUR is more than")


@pytest.mark.parametrize("facts", [{"kind": "credit_note"}, {"date": A_DAY.replace(year=2027)}])
def test_what_gives_back_and_what_no_budget_covers_is_not_held(books, quay, facts):
    planned(books, quay, books.account("purchases"), 10, "stop")
    bill = bill_of(books, quay, 100)
    Bill.objects.filter(pk=bill.pk).update(**facts)

    assert warnings_in(bills.submit(bill, by=books.clerk)) == []


def test_a_claim_is_held_against_the_budget_of_its_claimant(books, quay):
    jo = staff(name="Jo Joiner", department=quay)
    budget = planned(books, quay, Account.objects.get(code="7090"), 40)
    claim = draft_claim(jo, books, "61.50")

    approval = claims.submit(claim, on=A_DAY, by=jo)
    Budget.objects.filter(pk=budget.pk).update(overspending="stop")

    # Who claims is told no figures of a budget.
    assert warnings_in(approval) == ["This is more than the budget has left for it."]
    with pytest.raises(Refused, match="more than Quay has left"):
        approve(approval, by=books.approver, on=A_DAY)


def test_a_claim_beyond_a_budget_that_stops_is_not_asked_for(books, quay):
    jo = staff(name="Jo Joiner", department=quay)
    planned(books, quay, Account.objects.get(code="7090"), 40, "stop")

    with pytest.raises(Refused, match=r"^This is more than the budget has left for it\.$"):
        claims.submit(draft_claim(jo, books, "61.50"), on=A_DAY, by=jo)

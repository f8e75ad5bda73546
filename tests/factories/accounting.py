"""Books to post in, and entries made past the acts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounting.charts import load_chart
from accounting.entry_rules import OWED
from accounting.models import Account, JournalEntry, JournalLine, Period
from accounting.posting import credit, debit, post
from accounting.tax_codes import begin_tax_codes
from accounting.years import open_year_for
from backoffice.models import Company, Currency, Department, NumberSeries, User
from tests.factories.backoffice import CompanyFactory, RootDepartmentFactory, UserFactory

A_DAY_IN_MAY = date(2024, 5, 15)


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    code = factory.Sequence("9{:04}".format)
    name = factory.Sequence("Account {}".format)
    kind = "expense"


@dataclass
class SmallBooks:
    """A company in euro with the year 2024 open and a few accounts."""

    company: Company
    root: Department
    user: User
    bank: Account
    sales: Account
    rent: Account
    dollars: Account
    usd: Currency

    def period(self, month: int, year: int = 2024) -> Period:
        return Period.objects.get(starts_on=date(year, month, 1))

    def sell(self, amount="100", on=A_DAY_IN_MAY, **facts) -> JournalEntry:
        amount = Decimal(amount)
        return post(
            **{"on": on, "text": "Sale", "by": self.user}
            | {"lines": [debit(self.bank, amount), credit(self.sales, amount)]}
            | facts
        )


def small_books() -> SmallBooks:
    """The books most tests begin with."""
    company, root, user = CompanyFactory(), RootDepartmentFactory(), UserFactory()
    open_year_for(A_DAY_IN_MAY, by=user)
    return SmallBooks(
        company=company,
        root=root,
        user=user,
        bank=AccountFactory(code="1000", name="Bank", kind="asset", role="bank"),
        sales=AccountFactory(code="4000", name="Sales", kind="income", role="sales"),
        rent=AccountFactory(code="6000", name="Rent", kind="expense"),
        dollars=AccountFactory(code="1090", name="Dollars", kind="asset", currency_id="USD"),
        usd=Currency.objects.get(code="USD"),
    )


_charts: dict[str, list[dict]] = {}


def chart_of(name: str, *, by: User) -> None:
    """The accounts of a chart: brought in by its own door once in a process, then copied."""
    if name not in _charts:
        load_chart(name, by=by)
        _charts[name] = list(Account.objects.values())
        return
    begin_tax_codes(by=by)
    keys: dict[int | None, int | None] = {None: None}  # of then, and of now
    while rows := [row for row in _charts[name] if row["id"] not in keys]:
        level = [row for row in rows if row["parent_id"] in keys]
        made = Account.objects.bulk_create(
            Account(**row | {"id": None, "parent_id": keys[row["parent_id"]]}) for row in level
        )
        keys |= {row["id"]: account.pk for row, account in zip(level, made, strict=True)}


def raw_entry(books: SmallBooks, *lines: tuple, **facts) -> JournalEntry:
    """An entry written straight into its tables, as its series would have it unless told."""
    on = facts.get("date", A_DAY_IN_MAY)
    series, _made = NumberSeries.objects.get_or_create(code="JE", year=on.year)
    entry = JournalEntry.objects.create(
        **{
            "series": "JE",
            "year": on.year,
            "number": series.last_number + 1,
            "date": on,
            "period": books.period(on.month),
            "text": "Raw",
            "source_key": f"raw:{JournalEntry.objects.count()}",
            "line_count": len(lines),
            "posted_at": timezone.now(),
            "previous_hash": series.head,
            "hash": f"{series.last_number + 1:064}",
        }
        | facts
    )
    raw_lines(books, entry, *lines)
    return entry


def raw_lines(books: SmallBooks, entry: JournalEntry, *lines: tuple, first=1) -> None:
    """Lines (account, amount, facts) of an entry, in one statement."""
    JournalLine.objects.bulk_create(
        JournalLine(
            **{
                "entry": entry,
                "position": position,
                "date": entry.date,
                "account": account,
                "department": books.root,
                "amount": Decimal(amount),
                "due_on": entry.date if account.role in OWED else None,
            }
            | (more[0] if more else {})
        )
        for position, (account, amount, *more) in enumerate(lines, start=first)
    )


def balances() -> dict[str, Decimal]:
    """The balance of every account that moved, by code, straight from the lines."""
    sums: dict[str, Decimal] = {}
    for code, amount in JournalLine.objects.values_list("account__code", "amount"):
        sums[code] = sums.get(code, Decimal(0)) + amount
    return sums

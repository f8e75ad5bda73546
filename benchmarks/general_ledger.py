"""The ledger of the busiest account: whether its last page costs more than its first.

python -m benchmarks.general_ledger [--lines 1000000] [--rounds 15]
"""

import argparse

from django.db import connection
from django.urls import reverse

from accounting.models import Account
from accounting.statements import LedgerPage, general_ledger
from benchmarks.common import Contender, Seconds, ratio, report, show, take_turns
from benchmarks.office import Office, full_office
from benchmarks.serving import served_office

FIRST, LAST = "general_ledger(), first page", "general_ledger(), last page"
SQL = "raw keyset SQL, last page"
FIRST_PAGE, LAST_PAGE = "first page over HTTP", "last page over HTTP"
A_TURN = 20

BUSIEST = """
select account_id, count(*) from accounting_journalline group by 1 order by 2 desc limit 1
"""
KEYSET = """
select p.date, p.id, e.number, e.text, p.amount,
       (select coalesce(sum(debit - credit), 0) from accounting_monthlybalance
         where account_id = %(account)s and month < date_trunc('month', %(day)s::date))
       + (select coalesce(sum(amount), 0) from accounting_journalline
           where account_id = %(account)s and date >= date_trunc('month', %(day)s::date)::date
             and (date, id) < (%(day)s, %(line)s))
       + sum(p.amount) over (order by p.date, p.id)
  from (select date, id, amount, entry_id from accounting_journalline
         where account_id = %(account)s and (date, id) >= (%(day)s, %(line)s)
         order by date, id limit 50) p
  join accounting_journalentry e on e.id = p.entry_id
 order by p.date, p.id
"""


def busiest_account(office: Office) -> tuple[Account, int]:
    """The account with the most lines, and how many they are."""
    with office.entered(), connection.cursor() as cursor:
        cursor.execute(BUSIEST)
        pk, lines = cursor.fetchone()
        return Account.objects.get(pk=pk), lines


def our_page(office: Office, account: Account, **which: object) -> LedgerPage:
    """A page of the account with its running balance."""
    with office.entered():
        return general_ledger(account, **which)


def raw_sql(office: Office, account: Account, page: LedgerPage) -> list[tuple]:
    """The same rows and balances by one hand-written query."""
    key = page.first_key
    facts = {"account": account.pk, "day": key.day, "line": key.line}
    with office.entered(), connection.cursor() as cursor:
        cursor.execute(KEYSET, facts)
        return cursor.fetchall()


def main() -> None:
    """Take turns between the first page and the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    office = full_office(options.lines)
    account, lines = busiest_account(office)
    print(f"  {account} has {lines:,} lines")
    last = our_page(office, account, last=True)
    check_same(raw_sql(office, account, last), last)
    seconds = take_turns(
        {
            FIRST: Contender(lambda: our_page(office, account), A_TURN),
            LAST: Contender(lambda: our_page(office, account, last=True), A_TURN),
            SQL: Contender(lambda: raw_sql(office, account, last), A_TURN),
        },
        rounds=options.rounds,
    )
    show(seconds)
    ratios = [
        ratio("last page, of the first's time", seconds[LAST], seconds[FIRST], at_most=1.5),
        ratio("last page, of raw SQL's time", seconds[LAST], seconds[SQL], at_most=2),
    ]
    pages = over_http(office, account, options.rounds)
    show(pages)
    ratios.append(ratio("last page over HTTP", pages[LAST_PAGE], pages[FIRST_PAGE], at_most=1.5))
    report("general_ledger", ratios)


def check_same(rows: list[tuple], page: LedgerPage) -> None:
    """End here if the two do not agree: their times would mean nothing."""
    if [row[-1] for row in rows] != [row.balance for row in page.rows]:
        raise SystemExit("The balances of the page are not those of raw SQL.")


def over_http(office: Office, account: Account, rounds: int) -> Seconds:
    """The same two pages as a browser gets them."""
    path = reverse("accounting:general-ledger", args=[account.pk])
    with served_office(office) as browser:
        return take_turns(
            {
                FIRST_PAGE: Contender(lambda: browser.get(path), A_TURN),
                LAST_PAGE: Contender(lambda: browser.get(f"{path}?last=1"), A_TURN),
            },
            rounds=rounds,
        )


if __name__ == "__main__":
    main()

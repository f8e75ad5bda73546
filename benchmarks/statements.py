"""The statements: their queries, and their pages over HTTP against the trial balance page.

python -m benchmarks.statements [--lines 1000000] [--rounds 15]
"""

import argparse
from datetime import date

from django.db import connection
from django.urls import reverse

from accounting.balance_sheet import balance_sheet
from accounting.cash_flow import cash_flow
from accounting.income_statement import income_statement
from accounting.models import Account
from accounting.statements import trial_balance
from benchmarks.common import Contender, ratio, report, show, take_turns
from benchmarks.office import Office, full_office
from benchmarks.serving import served_office
from benchmarks.workload import LAST_MONTH_END

A_TURN = 5
FIRST = date(LAST_MONTH_END.year, 1, 1)
TRIAL_BALANCE = "trial balance"
YEAR = f"from={FIRST}&to={LAST_MONTH_END}"
PAGES = {
    TRIAL_BALANCE: ("trial-balance", f"on={LAST_MONTH_END}"),
    "balance sheet": ("balance-sheet", f"on={LAST_MONTH_END}"),
    "balance sheet, a year before beside it": (
        "balance-sheet",
        f"on={LAST_MONTH_END}&compare=year",
    ),
    "income statement": ("income-statement", YEAR),
    "cash flow of half a year": ("cash-flow", YEAR),
}
# By month there are more figures than accounts, so the page is held against nothing.
BY_MONTH = "income statement by month"


def mark_cash(office: Office) -> None:
    """Let one account of the workload, neither the busiest nor an idle one, be the bank.

    Another one is fixed assets, so that the cash flow has entries to tell as a whole.
    """
    with office.entered():
        for role, name in (("bank", "A020"), ("fixed_assets", "A060")):
            if not Account.objects.filter(role=role).exists():
                Account.objects.filter(name=name).update(role=role)


def statements(office: Office) -> dict[str, Contender]:
    """What the pages are made of, asked for directly."""
    days = {"first": FIRST, "last": LAST_MONTH_END}
    acts = {
        TRIAL_BALANCE: lambda: trial_balance(on=LAST_MONTH_END),
        "balance sheet": lambda: balance_sheet(on=LAST_MONTH_END),
        "income statement": lambda: income_statement(**days),
        BY_MONTH: lambda: income_statement(**days, by="month"),
        "cash flow of half a year": lambda: cash_flow(**days),
    }

    def entered(act):
        with office.entered():
            act()

    return {name: Contender(lambda act=act: entered(act), A_TURN) for name, act in acts.items()}


def main() -> None:
    """Take turns: the queries, then the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    office = full_office(options.lines)
    mark_cash(office)
    show(take_turns(statements(office), rounds=options.rounds))
    with served_office(office) as browser:
        paths = {
            name: f"{reverse(f'accounting:{page}')}?{query}"
            for name, (page, query) in {
                **PAGES,
                BY_MONTH: ("income-statement", f"{YEAR}&by=month"),
            }.items()
        }
        pages = take_turns(
            {
                name: Contender(lambda path=path: browser.get(path), A_TURN)
                for name, path in paths.items()
            },
            rounds=options.rounds,
        )
    show(pages)
    report(
        "statements",
        [
            ratio(
                f"{name} page, of the trial balance's",
                pages[name],
                pages[TRIAL_BALANCE],
                at_most=3,
            )
            for name in PAGES
            if name != TRIAL_BALANCE
        ],
    )
    connection.close()


if __name__ == "__main__":
    main()

"""The trial balance: our query against raw SQL, our page over HTTP against hledger.

python -m benchmarks.trial_balance [--lines 1000000] [--rounds 15] [--hledger-rounds 2]
"""

import argparse
import shutil
import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounting.statements import trial_balance
from benchmarks.common import Contender, Seconds, ratio, report, show, take_turns
from benchmarks.office import Office, full_office
from benchmarks.serving import Browser, served_office
from benchmarks.workload import LAST_MONTH_END, account_path

SQL, QUERY = "raw SQL on the balance table", "statements.trial_balance()"
PAGE, HLEDGER, LEDGER = "trial balance page over HTTP", "hledger balance", "ledger balance"
A_TURN = 15

BALANCE_TABLE = """
select account_id, sum(debit - credit) from accounting_monthlybalance
 where month <= '2025-06-01' group by account_id
"""
LINES = """
select line.entry_id, line.date, account.name, line.amount
  from accounting_journalline line join accounting_account account on account.id = line.account_id
 order by line.entry_id, line.position
"""


def raw_sql(office: Office) -> list[tuple]:
    """The least there is to ask the database."""
    with office.entered(), connection.cursor() as cursor:
        cursor.execute(BALANCE_TABLE)
        return cursor.fetchall()


def our_query(office: Office) -> object:
    """What page, command and export are made of."""
    with office.entered():
        return trial_balance(on=LAST_MONTH_END)


def plain_text(office: Office) -> Path:
    """The same books as a file hledger and ledger read; written once."""
    path = settings.DATA_DIR / f"{office.name}.journal"
    if path.exists():
        return path
    unfinished = path.with_suffix(".unfinished")
    with office.entered(), connection.chunked_cursor() as cursor, unfinished.open("w") as file:
        cursor.execute(LINES)
        before = None
        while rows := cursor.fetchmany(10_000):
            for entry, day, name, amount in rows:
                if entry != before:
                    file.write(f"\n{day} E{entry}\n")
                    before = entry
                file.write(f"    {account_path(int(name[1:]))}  {amount:.2f} USD\n")
    return unfinished.rename(path)


def peers(office: Office) -> dict[str, Contender]:
    """The programs that are installed, on the same books."""
    found = {}
    for name, program in ((HLEDGER, "hledger"), (LEDGER, "ledger")):
        where = shutil.which(program)
        if where is None:
            print(f"  {program} is not installed: not compared")
            continue
        command = [where, "-f", str(plain_text(office)), "balance", "--flat", "-E"]
        found[name] = Contender(lambda command=command: balance_by(command))
    return found


def balance_by(command: list[str]) -> None:
    """Run a peer to its end."""
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def main() -> None:
    """Take turns: first the two queries, then the page and the peers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--hledger-rounds", type=int, default=2, help="0: only the queries")
    options = parser.parse_args()
    office = full_office(options.lines)
    queries = take_turns(
        {
            SQL: Contender(lambda: raw_sql(office), A_TURN),
            QUERY: Contender(lambda: our_query(office), A_TURN),
        },
        rounds=options.rounds,
    )
    show(queries)
    ratios = [ratio("time, of raw SQL's", queries[QUERY], queries[SQL], at_most=2)]
    pages: Seconds = {}
    if options.hledger_rounds:
        with served_office(office) as browser:
            pages = against_peers(office, browser, options.hledger_rounds)
    show(pages)
    if HLEDGER in pages:
        ratios.append(
            ratio("page, faster than hledger", pages[HLEDGER], pages[PAGE], at_least=500)
        )
    if LEDGER in pages:
        ratios.append(ratio("page, faster than ledger", pages[LEDGER], pages[PAGE], at_least=100))
    report("trial_balance", ratios)


def against_peers(office: Office, browser: Browser, rounds: int) -> Seconds:
    """The page and the programs in turn."""
    path = f"{reverse('accounting:trial-balance')}?on={LAST_MONTH_END}"
    print(f"  {path} is {len(browser.get(path)) / 1000:.0f} kB")
    return take_turns(
        {PAGE: Contender(lambda: browser.get(path), A_TURN), **peers(office)}, rounds=rounds
    )


if __name__ == "__main__":
    main()

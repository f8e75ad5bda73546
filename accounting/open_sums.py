"""What is open, as a sum: lines less what was settled of them, without looking at any item."""

from datetime import date
from typing import Any

from accounting.models import Account
from backoffice.models import Party

# Every amount that adds to or takes from what is open of a line of the account. Each stands with
# the party, entry and day of its line. Lines that only carry an exchange difference are no items,
# as in open_items.
MOVED = """
select line.party_id, line.entry_id, line.date, line.amount as base
  from accounting_journalline line
  where line.account_id = %(account)s and line.date <= %(on)s {party}
union all
select line.party_id, line.entry_id, line.date, -line.amount
  from accounting_journalline line
  where line.account_id = %(account)s and line.date <= %(on)s {party}
    and line.currency_amount = 0
    and exists (
      select from accounting_allocation taken where taken.exchange_entry_id = line.entry_id
    )
union all
select line.party_id, line.entry_id, line.date, -settled.debit_base
  from accounting_allocation settled
  join accounting_journalline line on line.id = settled.debit_line_id
  where line.account_id = %(account)s and line.date <= %(on)s {party} and settled."on" <= %(on)s
union all
select line.party_id, line.entry_id, line.date, settled.credit_base
  from accounting_allocation settled
  join accounting_journalline line on line.id = settled.credit_line_id
  where line.account_id = %(account)s and line.date <= %(on)s {party} and settled."on" <= %(on)s
"""
# The day such an amount falls due, beside its entry's due date if it has one.
DUE = "coalesce(due.due_on, moved.date)"


def moved(party: Party | None = None) -> str:
    """The amounts of an account, or of one party on it, as a query."""
    return MOVED.format(party="and line.party_id = %(party)s" if party else "")


def facts_of_sums(account: Account, on: date, party: Party | None = None) -> dict[str, Any]:
    """What the query asks for by name."""
    return {"account": account.pk, "on": on, "party": party and party.pk}

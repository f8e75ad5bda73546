"""What the guards of the database say, as sentences for people."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.errors import Refused

SENTENCES = {
    "entry_is_in_an_open_period": gettext_lazy("The period of this day is closed."),
    "entry_numbers_have_no_gap": gettext_lazy("Numbers follow each other without a gap."),
    "entry_is_chained": gettext_lazy("An entry follows the last one of its series."),
    "entry_has_lines": gettext_lazy("An entry has lines."),
    "entry_has_two_lines_or_more": gettext_lazy("An entry has two lines or more."),
    "entry_is_numbered_in_its_year": gettext_lazy("An entry is numbered in its own year."),
    "entry_balances": gettext_lazy("The entry does not balance."),
    "line_moves_money": gettext_lazy("A line with a zero amount says nothing."),
    "line_has_its_position": gettext_lazy("No line can be added to a posted entry."),
    "line_has_currency_and_its_amount": gettext_lazy(
        "A currency comes with its amount, an amount with its currency."
    ),
    "line_is_on_an_open_leaf_account": gettext_lazy(
        "An account of this entry is inactive or has become a heading."
    ),
    "line_is_rounded": gettext_lazy("An amount has more decimals than its currency."),
    "journal_is_final": gettext_lazy("Posted entries are final: post a reversal."),
    "source_is_posted_once": gettext_lazy("Somebody else has posted this just now. Try again."),
    "accounting_journalentry_reverses_id_key": gettext_lazy("This entry is reversed already."),
    "fiscal_years_have_no_gap": gettext_lazy(
        "Fiscal years follow each other without a gap and last at most 18 months."
    ),
    "fiscal_years_do_not_overlap": gettext_lazy("This overlaps another fiscal year."),
    "periods_do_not_overlap": gettext_lazy("This overlaps another period."),
    "period_is_within_its_year": gettext_lazy("A period lies within its fiscal year."),
    "period_with_entries_keeps_its_days": gettext_lazy(
        "A period with entries stays and keeps its days."
    ),
    "reopening_gives_a_reason": gettext_lazy("Say why the period is reopened."),
    "budget_in_force_stays": gettext_lazy(
        "A budget in force stays as it is: take it back to a draft first."
    ),
    "budget_month_is_in_its_year": gettext_lazy("A budget plans months of its fiscal year."),
    "budget_plans_results": gettext_lazy(
        "A budget plans accounts of income and expense, no headings."
    ),
    "budget_keeps_its_year": gettext_lazy("A budget with lines stays in its fiscal year."),
    "one_budget_is_in_force": gettext_lazy("Another budget of the year is in force."),
    "budget_name_is_unique_in_its_year": gettext_lazy(
        "The year has a budget of this name already."
    ),
}


@contextmanager
def guards_speak() -> Iterator[None]:
    """Turn what the database refuses in this block into a sentence for the person.

    Stands outside the transaction, because some guards speak at commit.
    """
    try:
        yield
    except DatabaseError as error:
        sentence = sentence_of(error)
        if not sentence:
            raise
        raise Refused(sentence) from error


def sentence_of(error: DatabaseError) -> str:
    """The sentence for what the database refused; empty where it is no guard of ours."""
    cause = error.__cause__
    match cause:
        case psycopg.errors.LockNotAvailable() | psycopg.errors.DeadlockDetected():
            return _("Somebody else is writing in the books. Try again in a moment.")
        case psycopg.errors.ForeignKeyViolation():
            return _("Something this refers to does not exist any more.")
        case psycopg.Error():
            return str(SENTENCES.get(cause.diag.constraint_name or "", ""))
    return ""

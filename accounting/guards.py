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
    "owed_line_is_due": gettext_lazy(
        "Somebody has just changed which account is for what is owed. Try again."
    ),
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
    "own_account_is_an_asset": gettext_lazy(
        "Money at a bank is an asset: choose such an account."
    ),
    "own_account_is_in_its_currency": gettext_lazy(
        "The account in the books is kept in another currency."
    ),
    "booked_bank_keeps_its_account": gettext_lazy(
        "Lines of this bank account are booked: its account and currency stay."
    ),
    "account_of_a_bank_stays": gettext_lazy(
        "This account mirrors a bank account: its kind and currency stay."
    ),
    "accounting_ownaccount_account_id_key": gettext_lazy(
        "Another bank account is mirrored by this account."
    ),
    "statement_is_final": gettext_lazy("What a bank states is never changed."),
    "bank_line_is_final": gettext_lazy("What a bank booked is never changed."),
    "booked_statement_stays": gettext_lazy("A line of this statement is booked: it stays."),
    "bank_line_is_of_its_statement": gettext_lazy(
        "A line is of the bank account of its statement."
    ),
    "bank_line_moves_money": gettext_lazy("A line with a zero amount says nothing."),
    "match_is_final": gettext_lazy("A match is made or taken away, never changed."),
    "match_is_on_the_mirror": gettext_lazy(
        "A bank line is matched with lines of the account that mirrors it."
    ),
    "matches_sum_to_the_bank_line": gettext_lazy("A bank line is booked whole, to its last cent."),
    "matches_fit_the_journal_line": gettext_lazy(
        "Another bank line is booked on this journal line already."
    ),
    "lines_are_matched_once": gettext_lazy("These two are matched already."),
    "allocations_are_final": gettext_lazy("What was settled stays written down: release it."),
    "allocation_joins_two_sides": gettext_lazy(
        "A debit and a credit of the same party, account and currency settle each other."
    ),
    "allocation_follows_its_lines": gettext_lazy(
        "Nothing is settled before the day it was entered."
    ),
    "allocation_fits_its_lines": gettext_lazy(
        "There is not so much left to settle. Look at what is open and try again."
    ),
    "allocation_clears_the_books": gettext_lazy(
        "What settles the last of an item takes all that is left of it in the books."
    ),
    "allocation_is_released_as_it_was_made": gettext_lazy(
        "A release takes back all of what was settled, on its day or later."
    ),
    "accounting_allocation_releases_id_key": gettext_lazy("This is released already."),
    "document_is_final": gettext_lazy("What is in the books stays: write a credit note."),
    "supplier_bill_is_entered_once": gettext_lazy(
        "A bill of this supplier with this number is here already. If it truly is another one,"
        " say why it is entered again."
    ),
    "payments_are_final": gettext_lazy("A payment is final: take it back."),
    "payment_run_keeps_its_lines": gettext_lazy(
        "What is approved or posted stays as it was: begin a new payment run."
    ),
    "item_is_reminded_of_once_a_level": gettext_lazy("Somebody else has just sent this reminder."),
    "reopening_gives_a_reason": gettext_lazy("Say why the period is reopened."),
    "tax_parts_are_plain": gettext_lazy("A tax that is several together is made of plain ones."),
    "tax_lines_match_the_entry": gettext_lazy(
        "The taxes differ from what the entry has on the tax accounts."
    ),
    "tax_lines_are_final": gettext_lazy("Taxes of a posted entry are final: post a reversal."),
    "filed_return_is_final": gettext_lazy(
        "This return is filed and stays: corrections go on the next."
    ),
    "tax_line_is_of_the_return": gettext_lazy("A tax of a later day is not on this return."),
    "tax_code_with_lines_keeps_its_kind": gettext_lazy(
        "Entries were posted with this code: its kind and use stay. Make a new code."
    ),
    "tax_rates_do_not_overlap": gettext_lazy("This overlaps another rate of the code."),
    "asset_history_is_final": gettext_lazy(
        "The history of an asset is final: take its last act back."
    ),
    "asset_state_follows_from_events": gettext_lazy("The state of an asset follows its events."),
    "asset_keeps_its_terms": gettext_lazy("What an asset came with stays as it is."),
    "asset_is_undone_from_its_end": gettext_lazy(
        "An asset has moved on since: take back what came later first."
    ),
    "asset_stands_on_its_accounts": gettext_lazy(
        "Cost and depreciation to date stand on two asset accounts, depreciation on an expense."
    ),
    "asset_is_in_use": gettext_lazy("The asset is given up: nothing more happens to it."),
    "asset_events_follow_each_other": gettext_lazy(
        "What happens to an asset is entered in its order, and changes no posted month."
    ),
    "asset_event_has_the_day_of_its_entry": gettext_lazy("An event has the day of its entry."),
    "asset_is_given_up_after_its_depreciation": gettext_lazy(
        "An asset is not given up before its last depreciation: take that back first."
    ),
    "asset_keeps_some_value": gettext_lazy("An asset loses no more than its cost."),
    "asset_comes_once": gettext_lazy("An asset comes once."),
    "asset_has_one_source": gettext_lazy("This is capitalised already."),
    "asset_is_used_after_it_came": gettext_lazy("It is not in service before it is acquired."),
    "asset_event_has_its_signs": gettext_lazy("An amount of this event has the wrong sign."),
    "asset_event_has_sound_terms": gettext_lazy(
        "A residual value is not negative, and a life is 1 to 1200 months."
    ),
    "depreciation_is_in_its_time": gettext_lazy(
        "Depreciation is not ahead of its entry, nor before the asset is used."
    ),
    "month_is_depreciated_once": gettext_lazy("A month of an asset is depreciated once."),
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

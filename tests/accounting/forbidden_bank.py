"""What nobody may do to bank statements and their matches, past every act."""

from accounting.models import Account, BankRule, BankStatement, Match, OwnAccount, StatementLine
from tests.accounting.forbidden import sale
from tests.factories.banking import a_line, a_statement, an_own_account


def a_booked_line(books, amount="5"):
    """A line of a statement, matched with the entry that books it."""
    own = OwnAccount.objects.filter(account=books.bank).first() or an_own_account(books.bank)
    line = a_statement(own, amount).lines.get()
    Match.objects.create(
        statement_line=line, journal_line=bank_line_of(sale(books, amount)), amount=line.amount
    )
    return line


def bank_line_of(entry):
    """The line of the entry on the bank."""
    return entry.lines.get(account__code="1000")


def mirror_a_bank_by_an_expense(books):
    an_own_account(books.rent)


def keep_a_bank_in_another_currency(books):
    an_own_account(books.bank, currency_id="USD")


def move_a_booked_bank_to_another_account(books):
    line = a_booked_line(books)
    other = Account.objects.create(code="1001", name="Other", kind="asset")
    OwnAccount.objects.filter(pk=line.own_account_id).update(account=other)


def make_the_mirror_an_expense(books):
    own = an_own_account()
    Account.objects.filter(pk=own.account_id).update(kind="expense")


def name_two_banks_alike(books):
    an_own_account(name="Savings")
    an_own_account(name="savings")


def edit_a_statement(books):
    statement = a_statement(an_own_account(), "5")
    BankStatement.objects.filter(pk=statement.pk).update(closing=6)


def end_a_statement_before_it_starts(books):
    statement = a_statement(an_own_account())
    a_statement(statement.own_account, starts_on="2024-06-01", ends_on="2024-05-01")


def bring_a_statement_in_twice(books):
    own = an_own_account()
    a_statement(own, identity="1" * 64)
    a_statement(own, identity="1" * 64)


def edit_a_bank_line(books):
    statement = a_statement(an_own_account(), "5")
    statement.lines.update(amount=6)


def edit_the_text_of_a_bank_line(books):
    statement = a_statement(an_own_account(), "5")
    statement.lines.update(text="cooked")


def delete_a_line_beside_a_booked_one(books):
    line = a_booked_line(books)
    other = a_line(line.statement, "7", position=2)
    StatementLine.objects.filter(pk=other.pk).delete()


def put_a_line_under_a_statement_of_another_bank(books):
    statement = a_statement(an_own_account())
    a_line(statement, "5", own_account=an_own_account())


def bring_a_line_in_twice(books):
    statement = a_statement(an_own_account())
    a_line(statement, "5", identity="1" * 64)
    a_line(statement, "5", identity="1" * 64, position=2)


def have_a_bank_line_of_nothing(books):
    a_line(a_statement(an_own_account()), "0")


def book_a_part_of_a_bank_line(books):
    line = a_statement(an_own_account(books.bank), "5").lines.get()
    Match.objects.create(
        statement_line=line, journal_line=bank_line_of(sale(books, "3")), amount=3
    )


def book_two_bank_lines_on_one_journal_line(books):
    first, second = a_statement(an_own_account(books.bank), "5", "5").lines.all()
    entry_line = bank_line_of(sale(books, "5"))
    Match.objects.create(statement_line=first, journal_line=entry_line, amount=5)
    Match.objects.create(statement_line=second, journal_line=entry_line, amount=5)


def book_on_another_account(books):
    line = a_statement(an_own_account(), "5").lines.get()
    Match.objects.create(statement_line=line, journal_line=bank_line_of(sale(books)), amount=5)


def change_a_match(books):
    line = a_booked_line(books)
    Match.objects.filter(statement_line=line).update(is_made_here=True)


def match_two_lines_twice(books):
    line = a_statement(an_own_account(books.bank), "10").lines.get()
    entry_line = bank_line_of(sale(books, "10"))
    for _turn in range(2):
        Match.objects.create(statement_line=line, journal_line=entry_line, amount=5)


def match_nothing(books):
    line = a_booked_line(books)
    Match.objects.create(
        statement_line=line, journal_line=bank_line_of(sale(books, "1")), amount=0
    )


def have_a_rule_for_every_line(books):
    BankRule.objects.create(name="All", account=books.rent)


def have_a_rule_for_no_amount(books):
    BankRule.objects.create(name="None", account=books.rent, amount_from=5, amount_to=4)


OWN, LINES = ("own_accounts_fit",), ("bank_lines_stay",)
ADD_UP = ("matches_add_up",)

FORBIDDEN_BANK = [
    (mirror_a_bank_by_an_expense, OWN, "own_account_is_an_asset"),
    (keep_a_bank_in_another_currency, OWN, "own_account_is_in_its_currency"),
    (move_a_booked_bank_to_another_account, OWN, "booked_bank_keeps_its_account"),
    (make_the_mirror_an_expense, ("accounts_of_banks_stay",), "account_of_a_bank_stays"),
    (name_two_banks_alike, ("own_account_name_is_unique",), "own_account_name_is_unique"),
    (edit_a_statement, ("statements_stay",), "statement_is_final"),
    (
        end_a_statement_before_it_starts,
        ("statement_ends_after_it_starts",),
        "statement_ends_after_it_starts",
    ),
    (
        bring_a_statement_in_twice,
        ("statement_is_brought_in_once",),
        "statement_is_brought_in_once",
    ),
    (edit_a_bank_line, LINES, "bank_line_is_final"),
    (edit_the_text_of_a_bank_line, LINES, "bank_line_is_final"),
    (delete_a_line_beside_a_booked_one, LINES, "booked_statement_stays"),
    (
        put_a_line_under_a_statement_of_another_bank,
        ("bank_lines_fit",),
        "bank_line_is_of_its_statement",
    ),
    (bring_a_line_in_twice, ("bank_line_is_brought_in_once",), "bank_line_is_brought_in_once"),
    (have_a_bank_line_of_nothing, ("bank_line_moves_money",), "bank_line_moves_money"),
    (book_a_part_of_a_bank_line, ADD_UP, "matches_sum_to_the_bank_line"),
    (book_two_bank_lines_on_one_journal_line, ADD_UP, "matches_fit_the_journal_line"),
    (book_on_another_account, ("matches_fit",), "match_is_on_the_mirror"),
    (change_a_match, ("matches_fit",), "match_is_final"),
    (match_two_lines_twice, ("lines_are_matched_once",), "lines_are_matched_once"),
    (have_a_rule_for_every_line, ("bank_rule_says_when",), "bank_rule_says_when"),
    (
        have_a_rule_for_no_amount,
        ("bank_rule_amounts_are_in_order",),
        "bank_rule_amounts_are_in_order",
    ),
    (match_nothing, ("match_moves_money", *ADD_UP), "match_moves_money"),
]

"""Bringing bank files in: each line once, however often and however written a file comes."""

import random
from decimal import Decimal

import pytest

from accounting.bank_accounts import own_account_for
from accounting.bank_files import open_bank_file
from accounting.bank_import import import_bank_file, withdraw_statement
from accounting.models import Account, BankStatement, OwnAccount, StatementLine
from backoffice.encrypted_fields import whole
from backoffice.errors import Refused
from backoffice.models import AuditEvent
from tests.accounting.bank_samples import (
    BOOKS,
    camt,
    mt940,
    ntry,
    ofx,
    read,
    real_files,
    stmttrn,
    tx,
)
from tests.accounting.test_commands import refused, told
from tests.factories.accounting import AccountFactory
from tests.factories.banking import IBAN, a_statement, an_own_account

FILES = sorted((BOOKS / "bank").glob("*.*")) if BOOKS.exists() else []
FILES = [path for path in FILES if path.suffix != ".yml"]
real = pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])


@pytest.fixture
def file(tmp_path):
    def written(text, name="file", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return written


def bring(path, own=None, **how):
    return import_bank_file(
        open_bank_file(path), name=path.name, file_hash="f" * 64, by=None, own_account=own, **how
    )


def accounts_for(path, books):
    """A bank account for each that the file names; for a table the one it is chosen for."""
    statements = read(path)
    names = sorted({statement.account for statement in statements})
    currency = next((s.currency for s in statements if s.currency), "EUR")
    made = [
        an_own_account(
            AccountFactory(kind="asset", currency_id=None if currency == "EUR" else currency),
            number=name,
            currency_id=currency,
        )
        for name in names
    ]
    return made[0] if names == [""] else None


@real_files
@real
def test_a_real_file_comes_in_whole_and_the_second_time_adds_nothing(books, path):
    own = accounts_for(path, books)
    entries = [entry for statement in read(path) for entry in statement.entries]

    first, second = bring(path, own), bring(path, own)

    assert (first.read, first.added, first.already) == (len(entries), len(entries), 0)
    assert (second.added, second.already) == (0, len(entries))
    stored = StatementLine.objects.values_list("amount", flat=True)
    assert sum(stored) == sum(entry.amount for entry in entries)
    assert len(BankStatement.objects.all()) == sum(
        1 for s in read(path) if s.count or s.closing is not None
    )


@real_files
@real
def test_written_with_other_line_ends_and_marks_it_adds_nothing(books, path, file):
    own = accounts_for(path, books)
    bring(path, own)

    text = path.read_text(encoding="utf-8")
    mark = "" if text.startswith("﻿") else "﻿"
    again = bring(file(mark + text.replace("\n", "\r\n"), path.name), own)

    assert again.added == 0


@real_files
@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".csv"], ids=lambda p: p.name)
def test_a_table_in_another_order_adds_nothing(books, path, file):
    own = accounts_for(path, books)
    bring(path, own)
    header, *rows = path.read_text().splitlines()

    for order in (rows[::-1], random.Random(1).sample(rows, len(rows))):
        assert bring(file("\n".join([header, *order]), path.name), own).added == 0
    assert BankStatement.objects.count() == 1


def test_two_equal_coffees_on_a_day_stay_two(books, file):
    own = an_own_account()
    coffee = "2024-05-15,Coffee,-2.50\n"

    first = bring(file("Date,Text,Amount\n" + coffee * 2), own)
    again = bring(file("Date,Text,Amount\n" + coffee * 2), own)
    longer = bring(file("Date,Text,Amount\n" + coffee * 3), own)

    assert (first.added, again.added, longer.added, longer.already) == (2, 0, 1, 2)


def test_the_banks_own_id_decides_whatever_the_text(books, file):
    own = an_own_account(number="12345678")
    bring(file(ofx(stmttrn(fitid="A1"))))

    again = bring(file(ofx(stmttrn(fitid="A1", more="<NAME>Other words") + stmttrn(fitid="A2"))))

    assert (again.added, again.already) == (1, 1)
    assert own.lines.count() == 2


def test_overlapping_files_add_what_is_new(books, file):
    own = an_own_account()
    rows = [f"2024-05-{day:02},Day {day},1.00\n" for day in range(1, 11)]

    bring(file("Date,Text,Amount\n" + "".join(rows[:7])), own)
    second = bring(file("Date,Text,Amount\n" + "".join(rows[4:])), own)

    assert (second.added, second.already) == (3, 3)
    later = BankStatement.objects.latest("pk")
    assert (later.entry_count, later.lines.count()) == (6, 3)


def test_a_file_damaged_at_its_end_leaves_nothing(books, file):
    an_own_account(iban=IBAN)

    with pytest.raises(Refused, match="Nothing of the file is taken"):
        bring(file(camt(ntry("5.00") * 1500 + ntry("NaN"))))

    assert not StatementLine.objects.exists()
    assert not BankStatement.objects.exists()


def test_a_file_too_fine_for_its_currency_is_refused_whole(books, file):
    an_own_account(iban=IBAN)

    with pytest.raises(Refused, match=r"Line 5: 1\.005 has more decimals than EUR has"):
        bring(file(camt(ntry("5.00") + ntry("1.005"))))

    assert not StatementLine.objects.exists()


def test_trailing_zeros_are_no_finer_amount(books, file):
    an_own_account(iban=IBAN)

    assert bring(file(camt(ntry("8.850")))).added == 1


def test_the_account_is_found_by_what_the_file_calls_it(books, file):
    by_iban = an_own_account(iban=IBAN)
    german = an_own_account(iban="DE75 1002 0030 0123 4567 89")

    bring(file(camt(ntry())))
    bring(file(mt940(":61:240515C5,00NTRF\n")))

    assert by_iban.lines.count() == german.lines.count() == 1


def test_a_file_of_an_unknown_account_is_refused(books, file):
    with pytest.raises(Refused, match="No bank account of ours has the number GB33"):
        bring(file(camt(ntry())))


def test_a_file_of_another_account_is_refused(books, file):
    own = an_own_account(number="99999999")

    with pytest.raises(Refused, match="is of the account GB33BUKB20201555555555"):
        bring(file(camt(ntry())), own)


def test_a_file_in_another_currency_is_refused(books, file):
    an_own_account(iban=IBAN)

    with pytest.raises(Refused, match="in USD"):
        bring(file(camt(ntry(), currency="USD")))


def test_a_table_does_not_say_whose_it_is(books, file):
    an_own_account()

    with pytest.raises(Refused, match="does not say whose account it is"):
        bring(file("Date,Text,Amount\n2024-05-15,x,1.00\n"))


def test_a_rehearsal_counts_and_keeps_nothing(books, file):
    an_own_account(iban=IBAN)

    found = bring(file(camt(ntry())), is_rehearsal=True)

    assert found.added == 1
    assert not StatementLine.objects.exists()
    assert not AuditEvent.objects.filter(action="statements brought in").exists()


def test_what_the_bank_said_is_kept(books, file):
    own = an_own_account(iban=IBAN)
    parts = tx("10.00", "Invoice 1", "Ann", "DE1") + tx("2.50", "Invoice 2", "Bob", "DE2")

    bring(file(camt(ntry("12.50", details=parts) + ntry(details=tx(text="x", iban="DE3")),
                    closing="125.00")))  # fmt: skip

    batch, single = own.lines.order_by("position")
    assert [part["counterparty"] for part in batch.details] == ["Ann", "Bob"]
    assert whole(single.counterparty_account) == "DE3"
    assert str(single.counterparty_account) == "…3"
    statement = own.statements.get()
    assert (statement.number, statement.difference) == ("7", Decimal(0))


def test_entries_of_no_amount_are_left_out_and_told(books, file):
    an_own_account(iban=IBAN)

    found = bring(file(camt(ntry("0.00") + ntry("5.00"))))

    assert (found.read, found.added, found.empty) == (2, 1, 1)


def test_progress_is_told_over_both_readings(books, file):
    an_own_account(iban=IBAN)
    heard = []

    bring(file(camt(ntry() * 30)), progress=heard.append)

    assert heard[-1] == 60
    assert heard == sorted(heard)


def test_who_brought_it_in_is_remembered(books, file):
    an_own_account(iban=IBAN)

    bring(file(camt(ntry())))

    act = AuditEvent.objects.get(action="statements brought in")
    assert act.detail["added"] == 1


def test_a_statement_brought_in_by_mistake_is_taken_out_and_may_come_again(books, file):
    an_own_account(iban=IBAN)
    path = file(camt(ntry()))
    bring(path)

    withdraw_statement(BankStatement.objects.get(), by=books.user)

    assert not StatementLine.objects.exists()
    assert bring(path).added == 1


# --- the command ----------------------------------------------------------------------------


def test_the_command_tells_what_was_added_and_what_was_there(books, file):
    path = file(camt(ntry(ref="A") + ntry(ref="B")))

    first = told("bank_import", str(path), "--account", "1000")
    second = told("bank_import", str(path), "--account", "1000")

    assert "2 entries read: 2 added, 0 already there." in first
    assert "do not give the closing balance" in first
    assert "2 entries read: 0 added, 2 already there." in second
    own = OwnAccount.objects.get(account=books.bank)
    assert whole(own.number) == IBAN


def test_the_command_refuses_an_account_that_is_not_there(books, file, capsys):
    code, said = refused(capsys, "bank_import", str(file(camt())), "--account", "7")

    assert (code, said) == (2, "There is no account 7.")


def test_an_account_that_is_no_asset_has_no_bank_account(books):
    with pytest.raises(Refused, match="Money at a bank is an asset"):
        own_account_for("4000", by=None)


def test_the_mirror_of_a_bank_account_keeps_its_kind(books):
    own = an_own_account()
    a_statement(own, "5")

    with pytest.raises(Exception, match="mirrors a bank account"):
        Account.objects.filter(pk=own.account_id).update(kind="expense")

"""Bank accounts of ours, statements and lines."""

from datetime import date
from decimal import Decimal
from itertools import count

from django.utils import timezone

from accounting.models import Account, BankStatement, OwnAccount, StatementLine
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory

IBAN = "GB33BUKB20201555555555"
_numbers = count(1)


def an_own_account(account: Account | None = None, **facts) -> OwnAccount:
    """A bank account of ours, on an account of its own unless one is named."""
    account = account or AccountFactory(kind="asset")
    return OwnAccount.objects.create(
        **{"name": f"Current account {next(_numbers)}", "account": account, "currency_id": "EUR"}
        | facts
    )


def a_statement(own: OwnAccount, *amounts, opening="0", on=A_DAY_IN_MAY, **facts) -> BankStatement:
    """A statement with lines of these amounts, that adds up unless told otherwise."""
    sums = [Decimal(amount) for amount in amounts]
    opening = Decimal(opening)
    statement = BankStatement.objects.create(
        **{
            "own_account": own,
            "number": str(next(_numbers)),
            "starts_on": on,
            "ends_on": on,
            "opening": opening,
            "closing": opening + sum(sums),
            "entry_count": len(sums),
            "entry_sum": sum(sums, Decimal(0)),
            "identity": f"{next(_numbers):064}",
            "file_hash": f"{next(_numbers):064}",
            "imported_at": timezone.now(),
        }
        | facts
    )
    for position, amount in enumerate(sums, start=1):
        a_line(statement, amount, position=position)
    return statement


def a_line(statement: BankStatement, amount, *, position=1, on: date | None = None, **facts):
    """A line of the statement."""
    return StatementLine.objects.create(
        **{
            "statement": statement,
            "own_account": statement.own_account,
            "position": position,
            "date": on or statement.ends_on,
            "amount": Decimal(amount),
            "text": f"Line {next(_numbers)}",
            "identity": f"{next(_numbers):064}",
        }
        | facts
    )

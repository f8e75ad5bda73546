"""The parts of a bank line: where they belong, the tax within them, what they are in the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.models import Account, JournalEntry, OwnAccount, StatementLine, TaxCode
from accounting.posting import Line
from accounting.tax_record import record_tax
from accounting.tax_sums import Taxable, Totals, added_up, split
from accounting.taxes import tax_lines, totals
from backoffice.errors import Refused
from backoffice.models import Company, Currency, Department, Party
from backoffice.money import ZERO

SALE, PURCHASE = "sale", "purchase"
DIRECTIONS = {
    Account.Kind.INCOME: SALE,
    Account.Kind.EXPENSE: PURCHASE,
    Account.Kind.ASSET: PURCHASE,
}


@dataclass(frozen=True)
class Part:
    """A part of a bank line that belongs on an account, signed as the line: money in positive.

    With a tax code the amount includes the tax, which is entered by itself.
    """

    account: Account | str
    amount: Decimal
    department: Department | None = None
    party: Party | None = None
    text: str = ""
    tax_code: TaxCode | None = None


@dataclass(frozen=True)
class Taxed:
    """The ledger lines of a part, and the tax within it."""

    lines: list[Line]
    direction: str = ""
    tax: Totals | None = None


def foreign_currency(own: OwnAccount) -> Currency | None:
    """The currency of the account where it is not that of the books."""
    books = Company.objects.values_list("currency_id", flat=True).first()
    return None if own.currency_id == books else own.currency


def check_parts(line: StatementLine, parts: Sequence[Part]) -> None:
    """Refuse parts that are not the line."""
    if not parts or any(not part.amount for part in parts):
        raise Refused(_("Say where the line belongs, and with what amount."))
    total = sum((part.amount for part in parts), ZERO)
    if total != line.amount:
        raise Refused(
            _("The parts sum to %(total)s, the line is %(amount)s.")
            % {"total": f"{total.normalize():f}", "amount": f"{line.amount.normalize():f}"}
        )
    if any(part.account == line.own_account.account for part in parts):
        raise Refused(_("A bank line does not belong on its own bank account."))


def worth_of(line: StatementLine, base_amount: Decimal | None) -> Decimal:
    """What the line is worth in the books, signed as it is."""
    if foreign_currency(line.own_account) is None:
        return line.amount
    if not base_amount:
        raise Refused(
            _("Say what %(amount)s %(currency)s are worth in the books.")
            % {
                "amount": f"{line.amount.normalize():f}",
                "currency": line.own_account.currency_id,
            },
            field="base_amount",
        )
    return abs(base_amount).copy_sign(line.amount)


def bank_side(line: StatementLine, worth: Decimal) -> Line:
    """The line of the bank account."""
    foreign = foreign_currency(line.own_account)
    return Line(
        line.own_account.account,
        worth,
        currency=foreign,
        currency_amount=line.amount if foreign else None,
    )


def other_side(line: StatementLine, parts: Sequence[Part], worth: Decimal) -> list[Taxed]:
    """The ledger lines of each part, with the tax within it; together they are the bank's.

    What the line is worth is shared by the parts in proportion, to the last cent.
    """
    unit = Company.objects.select_related("currency").get().currency.minor_unit
    foreign = foreign_currency(line.own_account)
    shares = split(worth, [part.amount for part in parts], unit) if foreign else None
    found = []
    for place, part in enumerate(parts):
        share = shares[place] if shares else part.amount
        found.append(
            taxed(line, part, share, unit) if part.tax_code else plain(line, part, share, foreign)
        )
    if len({one.direction for one in found if one.tax}) > 1:
        raise Refused(_("Tax on sales and tax on purchases are not booked by one line."))
    return found


def plain(line: StatementLine, part: Part, share: Decimal, foreign: Currency | None) -> Taxed:
    """A part without tax; on an account kept in the line's currency it has both amounts."""
    is_kept_in_it = isinstance(part.account, Account) and (
        part.account.currency_id == line.own_account.currency_id
    )
    currency = foreign if is_kept_in_it else None
    made = Line(
        part.account,
        -share,
        department=part.department,
        party=part.party,
        currency=currency,
        currency_amount=-part.amount if currency else None,
        text=part.text[:200],
    )
    return Taxed([made])


def taxed(line: StatementLine, part: Part, share: Decimal, unit: int) -> Taxed:
    """A part split into net and tax by the rate of its day."""
    direction = direction_of(part)
    sign = 1 if direction == SALE else -1
    found = totals(
        [Taxable(sign * share, part.tax_code)],
        on=line.date,
        price_included=True,
        minor_unit=unit,
    )
    if found.gross != sign * share:
        raise Refused(
            _("%(code)s is not within a payment: enter an invoice or a bill.")
            % {"code": part.tax_code}
        )
    net = Line(
        part.account,
        -sign * found.net,
        department=part.department,
        party=part.party,
        text=part.text[:200],
    )
    lines = [net] if net.amount else []
    lines += tax_lines(
        found,
        direction=direction,
        party=part.party,
        minor_unit=unit,
        cost=part.account,
        department=part.department,
    )
    return Taxed(lines, direction, found)


def direction_of(part: Part) -> str:
    """Whether it is a sale or a purchase: by the account, else by where the money goes."""
    account = part.account
    if not isinstance(account, Account):
        account = Account.objects.filter(role=account).first() or account
    if isinstance(account, Account) and account.currency_id:
        raise Refused(_("%(account)s is kept in one currency: no tax.") % {"account": account})
    kind = account.kind if isinstance(account, Account) else ""
    by_money = SALE if part.amount > 0 else PURCHASE
    found = DIRECTIONS.get(Account.Kind(kind), by_money) if kind else by_money
    if part.tax_code and part.tax_code.used_for not in (found, TaxCode.Use.BOTH):
        raise Refused(
            _("%(code)s is for %(use)s: it does not go with %(account)s.")
            % {
                "code": part.tax_code,
                "use": part.tax_code.get_used_for_display(),
                "account": account,
            }
        )
    return found


def write_tax(entry: JournalEntry, line: StatementLine, sides: Sequence[Taxed]) -> None:
    """Write the taxes of the parts down beside their entry, for the return."""
    found = [one for one in sides if one.tax]
    if found:
        unit = Company.objects.select_related("currency").get().currency.minor_unit
        whole = added_up(one.tax for one in found if one.tax)
        record_tax(entry, whole, line.date, direction=found[0].direction, minor_unit=unit)

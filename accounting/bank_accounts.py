"""Our bank accounts: found by what files call them, made for an account of the books."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.guards import guards_speak
from accounting.models import Account, OwnAccount
from backoffice import audit
from backoffice.encrypted_fields import whole
from backoffice.errors import Refused
from backoffice.models import Company, User

SHORTEST_NUMBER = 8


def account_named(stated: str) -> OwnAccount:
    """The bank account a file speaks of; refused where there is none, or more than one."""
    if not stated:
        raise Refused(_("The file does not say whose account it is: choose it."), field="account")
    active = OwnAccount.objects.filter(is_active=True).select_related("currency", "account")
    found = [own for own in active if is_called(own, stated)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(_("Several bank accounts have the number %(number)s.") % {"number": stated})
    raise Refused(
        _("No bank account of ours has the number %(number)s: add it, or choose the account.")
        % {"number": stated},
        field="account",
    )


def is_called(own: OwnAccount, stated: str) -> bool:
    """Whether a file means this account: by its IBAN, its number, or the number in its IBAN."""
    names = _names_in(stated)
    iban, number = _plain(whole(own.iban)), whole(own.number)
    if names & ({iban, *_names_in(number)} - {""}):
        return True
    return bool(iban) and any(
        len(name) >= SHORTEST_NUMBER and iban[4:].endswith(name) for name in names
    )


def remember_number(own: OwnAccount, stated: str) -> None:
    """Keep the number a file states for an account that has none; refuse another's file."""
    if not stated or is_called(own, stated):
        return
    if own.iban or own.number:
        raise Refused(
            _("The file is of the account %(number)s, not of %(account)s.")
            % {"number": stated, "account": own},
            field="account",
        )
    own.number = stated[:40]
    own.save(update_fields=["number", "number_mark"])


def check_currency(own: OwnAccount, currency: str) -> None:
    """Refuse a statement in another currency than its account's."""
    if currency and currency != own.currency_id:
        raise Refused(
            _("The statement is in %(stated)s, %(account)s in %(currency)s.")
            % {"stated": currency, "account": own, "currency": own.currency_id},
            field="account",
        )


@transaction.atomic
def own_account_for(code: str, *, by: User | None) -> OwnAccount:
    """The bank account behind an account of the books, made where there is none yet."""
    account = Account.objects.filter(code__iexact=code).first()
    if account is None:
        raise Refused(_("There is no account %(code)s.") % {"code": code}, field="account")
    known = OwnAccount.objects.filter(account=account).select_related("currency").first()
    if known:
        return known
    company = Company.objects.first()
    currency = account.currency_id or (company.currency_id if company else None)
    if currency is None:
        raise Refused(_("Set up the company first."))
    with guards_speak():
        own = OwnAccount.objects.create(
            name=account.name[:80], account=account, currency_id=currency
        )
    audit.record("bank account added", own, by=by, account=account.code)
    return own


@transaction.atomic
def save_own_account(form, *, by: User) -> OwnAccount:
    """Save a bank account and remember which of its facts were changed."""
    with guards_speak():
        own = form.save()
    if form.changed_data:
        audit.record("bank account saved", own, by=by, fields=form.changed_data)
    return own


def _names_in(stated: str) -> set[str]:
    """The number as it is stated, and without the bank's own before it."""
    last = _plain(stated.split()[-1]) if stated.split() else ""
    behind = {last} if len(last) >= SHORTEST_NUMBER else set()
    return {_plain(stated), _plain(stated.rpartition("/")[2]), *behind}


def _plain(number: str) -> str:
    return "".join(letter for letter in number.upper() if letter.isalnum())

"""What a cell of a file names: an account, a party, a tax code, a department."""

from django.utils.translation import gettext as _

from accounting.models import Account, TaxCode
from backoffice.errors import Refused
from backoffice.models import Department, Party


def account_named(text: str) -> Account:
    """The account of this code, or else of this name."""
    found = list(Account.objects.filter(code__iexact=text)[:2])
    found = found or list(Account.objects.filter(name__iexact=text)[:2])
    if len(found) != 1:
        raise Refused(_("There is no one account “%(name)s”.") % {"name": text})
    return found[0]


def open_account_named(text: str) -> Account | None:
    """The active account without others below it; nothing for an empty cell."""
    if not text:
        return None
    found = account_named(text)
    if not found.is_active or found.children.exists():
        raise Refused(_("%(account)s takes no lines.") % {"account": found})
    return found


def party_named(text: str) -> Party:
    """The one party of this name."""
    found = list(Party.objects.filter(name__iexact=text).order_by("pk")[:2])
    if len(found) != 1:
        raise Refused(_("There is no one party called %(name)s.") % {"name": text})
    return found[0]


def tax_code_named(text: str, use: str) -> TaxCode | None:
    """The tax code, which must be for sales or purchases as asked; nothing for an empty cell."""
    if not text:
        return None
    found = TaxCode.objects.filter(code__iexact=text).first()
    if found is None:
        raise Refused(_("There is no tax code %(code)s.") % {"code": text})
    if found.used_for not in (use, TaxCode.Use.BOTH):
        words = {"code": found, "use": found.get_used_for_display()}
        raise Refused(_("%(code)s is for %(use)s.") % words)
    return found


def department_named(text: str) -> Department | None:
    """The department of this code or name; nothing for an empty cell."""
    if not text:
        return None
    by_code = Department.objects.filter(code__iexact=text).first()
    found = by_code or Department.objects.filter(name__iexact=text).first()
    if found is None:
        raise Refused(_("There is no department “%(name)s”.") % {"name": text})
    return found

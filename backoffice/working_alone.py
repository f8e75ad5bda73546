"""An office of one person, where the maker may approve: said expressly, and on record."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.errors import Refused
from backoffice.models import Company, User
from backoffice.owners import is_owner


@transaction.atomic
def work_alone(company: Company, *, by: User, on: date) -> None:
    """Let makers approve what they made, with their password and a reason; an owner's word."""
    _switch(company, by=by, on=on, is_alone=True)


@transaction.atomic
def work_together(company: Company, *, by: User, on: date) -> None:
    """Everything takes two again."""
    _switch(company, by=by, on=on, is_alone=False)


def _switch(company: Company, *, by: User, on: date, is_alone: bool) -> None:
    if not is_owner(by, on=on):
        raise Refused(_("Only an owner decides whether one person works alone here."))
    changed = Company.objects.filter(pk=company.pk, works_alone=not is_alone)
    if changed.update(works_alone=is_alone):
        audit.record("works_alone" if is_alone else "works_together", company, by=by)

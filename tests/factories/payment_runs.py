"""Payment runs: who is paid, proposed and approved."""

from datetime import date

from accounting.models import PaymentRun
from accounting.payment_runs import propose_run, submit_run
from backoffice.approvals import approve
from backoffice.bank_details import ask_for_details
from backoffice.models import Assignment, BankAccount, Party, Role, User
from tests.factories.backoffice import (
    PartyFactory,
    RootDepartmentFactory,
    open_functions,
    staff,
)

ON, UNTIL = date(2024, 6, 3), date(2024, 6, 10)
IBANS = ("DE75512108001245126199", "GB29NWBK60161331926819", "FR1420041010050500013M02606")
OURS = {"holder": "Hafen & Söhne GmbH", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}


def supplier(name="Timber & Co", iban=IBANS[0], *, is_approved=True, **facts) -> Party:
    """Somebody we owe, with bank details money may go to."""
    party = PartyFactory(name=name)
    BankAccount.objects.create(party=party, **{"iban": iban, "bic": "SOLADEST600"} | facts)
    if is_approved:
        ask_for_details(party, by=None)
    return party


def payer(user: User) -> User:
    """The person, who pays for the whole company from now on."""
    role, root = Role.objects.get(name="Bookkeeper"), RootDepartmentFactory()
    facts = {"user": user, "role": role, "department": root, "starts_on": date(2020, 1, 1)}
    open_functions()
    Assignment.objects.get_or_create(**facts)
    return User.objects.get(pk=user.pk)


def propose(books, **facts) -> PaymentRun:
    """A run with what is due."""
    return propose_run(
        **{"on": ON, "due_until": UNTIL, "bank": books.bank, "by": payer(books.user)}
        | {"currency": books.company.currency, **OURS}
        | facts
    )


def agreed(run, books) -> PaymentRun:
    """The run, approved by a second person."""
    approve(submit_run(run, by=books.user), by=staff("Owner"), on=ON)
    run.refresh_from_db()
    return run

"""A maker for every model that has pages: a new one is entered here, or the page tests fail."""

from itertools import count

from accounting.models import Account, EntryDraft, JournalEntry
from backoffice.models import Department, Party, Role, Room, Site, User
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory, SmallBooks, small_books
from tests.factories.backoffice import DepartmentFactory, PartyFactory, UserFactory

_numbers = count(1)


def a_role() -> Role:
    return Role.objects.create(name=f"Clerk {next(_numbers)}", description="Files things.")


def a_site() -> Site:
    return Site.objects.create(
        name=f"Quay {next(_numbers)}", city="Cork", country="IE", time_zone="Europe/Dublin"
    )


def a_room() -> Room:
    return Room.objects.create(site=a_site(), name=f"Room {next(_numbers)}", seats=8)


def the_books() -> SmallBooks | None:
    """Books to post in; None where they are there already."""
    return None if Account.objects.filter(role="bank").exists() else small_books()


def an_entry() -> JournalEntry:
    the_books()
    books = SmallBooks.__new__(SmallBooks)
    books.bank, books.sales = (Account.objects.get(role=role) for role in ("bank", "sales"))
    books.user = UserFactory()
    return books.sell(text=f"Sale {next(_numbers)}")


def a_draft() -> EntryDraft:
    return EntryDraft.objects.create(
        text=f"Rent {next(_numbers)}", date=A_DAY_IN_MAY, made_by=UserFactory()
    )


MAKERS = {
    Account: AccountFactory,
    Department: DepartmentFactory,
    EntryDraft: a_draft,
    JournalEntry: an_entry,
    Party: PartyFactory,
    Role: a_role,
    Room: a_room,
    Site: a_site,
    User: UserFactory,
}


def make(model, how_many: int = 1) -> list:
    """So many new records of the model."""
    return [MAKERS[model]() for _n in range(how_many)]

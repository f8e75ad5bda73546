"""The office to which a hundred thousand invoices are owed."""

from benchmarks.office import Office, fresh_office, is_there, run_as_owner
from benchmarks.proposals import make_items


def owed_office(items: int) -> Office:
    """The office in which so many invoices are open; made the first time."""
    office = Office(f"benchmark_{items}_owed")
    if not is_there(office.name):
        office = fresh_office(office.name)
        with office.entered():
            make_items(items)
        run_as_owner(office.name, "vacuum analyze")
    return office

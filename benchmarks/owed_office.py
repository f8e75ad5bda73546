"""The office to which a hundred thousand invoices are owed."""

from benchmarks.office import Office, kept_office
from benchmarks.proposals import make_items


def owed_office(items: int) -> Office:
    """The office in which so many invoices are open; made the first time."""
    return kept_office(f"benchmark_{items}_owed", lambda: make_items(items))

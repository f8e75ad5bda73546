"""The full names of accounts, as plain-text ledgers write them: Assets:Bank:Checking."""

from accounting.models import Account

SEPARATOR = ":"


def account_names() -> dict[int, str]:
    """Every account's key with its name, the names of its headings before it."""
    facts = {
        pk: (name, parent)
        for pk, name, parent in Account.objects.values_list("pk", "name", "parent")
    }
    names: dict[int, str] = {}

    def full_name(pk: int) -> str:
        if pk not in names:
            name, parent = facts[pk]
            names[pk] = f"{full_name(parent)}{SEPARATOR}{name}" if parent else name
        return names[pk]

    for pk in facts:
        full_name(pk)
    return names

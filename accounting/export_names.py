"""What plain-text ledgers call our accounts: names they accept, each once."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from accounting.models import Account
from accounting.paths import SEPARATOR, account_names

ROOTS = {
    Account.Kind.ASSET: "Assets",
    Account.Kind.LIABILITY: "Liabilities",
    Account.Kind.EQUITY: "Equity",
    Account.Kind.INCOME: "Income",
    Account.Kind.EXPENSE: "Expenses",
}


def rooted(name: str, kind: str) -> str:
    """The full name below the root of its kind."""
    root = ROOTS[Account.Kind(kind)]
    first, _separator, rest = name.partition(SEPARATOR)
    return name if rest and first == root else f"{root}{SEPARATOR}{name}"


def for_hledger(name: str) -> str:
    """The name without what ends a name or begins a comment in hledger."""
    parts = (re.sub(r"[\s;]+", " ", part).strip() for part in name.split(SEPARATOR))
    return SEPARATOR.join(part or "-" for part in parts)


def for_beancount(name: str) -> str:
    """The name as beancount writes names: words of letters, digits and dashes, capitalised."""
    return SEPARATOR.join(beancount_word(part) for part in name.split(SEPARATOR))


def beancount_word(part: str) -> str:
    """One part of a name; it begins with a capital letter or a digit."""
    word = re.sub(r"[^\w]+|_", "-", part).strip("-")
    word = word[:1].upper() + word[1:]
    return word if re.match(r"[A-Z0-9]", word) else f"X{word}"


def names_for(spelled: Callable[[str], str]) -> dict[int, str]:
    """The name of every account as a tool spells it; its code makes it the only one."""
    full_names = account_names()
    accounts = list(Account.objects.order_by("pk").values_list("pk", "code", "kind"))
    first_choice = {pk: spelled(rooted(full_names[pk], kind)) for pk, _code, kind in accounts}
    shared = names_met_twice(first_choice.values())
    names: dict[int, str] = {}
    taken = set(first_choice.values()) - shared
    for pk, code, _kind in accounts:
        name = first_choice[pk]
        if name in shared:
            name = spelled(f"{name}-{code}")
            while name in taken:
                name += "-"
            taken.add(name)
        names[pk] = name
    return names


def names_met_twice(names: Iterable[str]) -> set[str]:
    """The names more than one account has."""
    return {name for name, count in Counter(names).items() if count > 1}


def import_names() -> dict[int, str]:
    """What an import calls each account: its full name where that says enough, else its code."""
    full_names = account_names()
    shared = names_met_twice(full_names.values())
    return {
        pk: name if (name := full_names[pk]) == rooted(name, kind) and name not in shared else code
        for pk, code, kind in Account.objects.values_list("pk", "code", "kind")
    }

"""Lists as people like to see them, kept for themselves or for their department."""

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from backoffice.access import rows
from backoffice.errors import Refused
from backoffice.models import SavedView, User

MOST_ON_A_LIST = 12


def views_of(user: User, list_name: str) -> list[SavedView]:
    """The views of a list this person sees: their own and their department's."""
    return list(rows(user, SavedView).filter(list_name=list_name)[:MOST_ON_A_LIST])


@transaction.atomic
def save_view(*, list_name: str, name: str, query: str, shared: bool, by: User) -> SavedView:
    """Keep a list's query under a name; the same name again replaces it."""
    if not name.strip():
        raise Refused(_("Give the view a name."), field="name")
    kept = QueryDict(query, mutable=True)
    kept.pop("page", None)
    view, _new = SavedView.objects.update_or_create(
        user=by,
        list_name=list_name,
        name=name.strip()[:40],
        defaults={
            "query": kept.urlencode(safe=",")[:2000],
            "department": by.department if shared else None,
        },
    )
    return view

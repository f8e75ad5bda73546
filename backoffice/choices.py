"""What may be chosen in a filter: never more than a person reads, drawn at once."""

from collections.abc import Iterable
from functools import cache
from html import escape

from django import forms
from django.db.models import Exists, QuerySet
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

from backoffice.models import Currency

MOST_CHOICES = 250
LONGEST_KEY = 18  # digits


class PlainSelect(forms.Select):
    """A choice of one: Django's template for each option cost more than the rest of the page."""

    # Pairs as they are given: Django's property looks into each of them.
    choices: Iterable[tuple[object, object]] = ()

    def render(self, name, value, attrs=None, renderer=None):
        """The same element as Django draws."""
        chosen = set(self.format_value(value))
        marks = {True: " selected", False: ""}
        options = "".join(
            f'<option value="{escape(str(one))}"{marks[str(one) in chosen]}>'
            f"{escape(str(label))}</option>"
            for one, label in self.choices
        )
        own = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return SafeString(f"<select{own}>{options}</select>")


def offer_some(field: forms.ModelChoiceField, found: QuerySet, asked: str) -> None:
    """Offer what was found; of very much only what is asked for, the search finds the rest."""
    field.queryset = found
    # In one statement: whether there are too many is known before any of them is read.
    too_many = Exists(found.order_by().values("pk")[MOST_CHOICES : MOST_CHOICES + 1])
    offered = list(found.filter(~too_many))
    if asked.isdecimal() and len(asked) <= LONGEST_KEY and not offered:
        offered = list(found.filter(pk=asked))
    named = [(one.pk, field.label_from_instance(one)) for one in offered]
    field.widget.choices = [("", field.empty_label), *named]


@cache
def currencies() -> list[tuple[str, str]]:
    """All currencies. They change with a release of ours, so once a process is enough."""
    return [(code, code) for code in Currency.objects.values_list("code", flat=True)]

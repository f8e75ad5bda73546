"""What may be chosen in a filter: never more than a person reads, drawn at once."""

from html import escape

from django import forms
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

MOST_CHOICES = 250


class PlainSelect(forms.Select):
    """A choice of one: Django's template for each option cost more than the rest of the page."""

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
    if len(found.order_by().values_list("pk")[: MOST_CHOICES + 1]) > MOST_CHOICES:
        found = found.filter(pk=asked) if asked.isdecimal() else found.none()
    named = [(one.pk, field.label_from_instance(one)) for one in found]
    field.widget.choices = [("", field.empty_label), *named]

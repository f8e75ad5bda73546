"""What may be chosen in a filter: never more than a person reads, drawn at once."""

from django import forms
from django.db.models import QuerySet
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MOST_CHOICES = 250


class PlainSelect(forms.Select):
    """A choice of one: Django's template for each option cost more than the rest of the page."""

    def render(self, name, value, attrs=None, renderer=None):
        """The same element as Django draws."""
        chosen = set(self.format_value(value))
        options = (
            (one, SafeString(" selected" if str(one) in chosen else ""), label)
            for one, label in self.choices
        )
        own = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html(
            "<select{}>{}</select>",
            own,
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


def offer_some(field: forms.ModelChoiceField, found: QuerySet, asked: str) -> None:
    """Offer what was found; of very much only what is asked for, the search finds the rest."""
    field.queryset = found
    some = list(found[: MOST_CHOICES + 1])
    if len(some) > MOST_CHOICES:
        some = list(found.filter(pk=asked)) if asked.isdecimal() else []
    named = [(one.pk, field.label_from_instance(one)) for one in some]
    field.widget.choices = [("", field.empty_label), *named]

"""The forms of an import: which file, then which column is which."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.imports import Importer
from backoffice.models import ImportRun
from backoffice.tables import Table


class FileForm(forms.Form):
    """The file to bring in. Its key is made with the page, so a second click sends it again."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    file = forms.FileField(label=_("File"), widget=forms.FileInput)

    def __init__(self, *args, importer: type[Importer], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = importer.accept
        self.fields["file"].help_text = importer.file_help


class MappingForm(forms.Form):
    """Which column of the file is which, and how the file is written."""

    def __init__(self, *args, run: ImportRun, importer: type[Importer], table: Table):
        super().__init__(*args)
        asked = () if table.columns_are_known else importer.columns
        self.columns, self.known = [column.name for column in asked], run.mapping
        choices = [("", _("— not in the file —")), *((name, name) for name in table.header)]
        for column in asked:
            self.fields[f"column-{column.name}"] = forms.ChoiceField(
                label=column.label,
                choices=choices,
                required=column.required,
                help_text=column.help or (column.example and f"“{column.example}”"),
                initial=run.mapping.get(column.name, ""),
            )
        for name, field in importer.option_fields().items():
            if table.columns_are_known and name in importer.asked_of_tables:
                continue
            field.initial = run.options.get(name, field.initial)
            self.fields[name] = field

    @property
    def mapping(self) -> dict[str, str]:
        """The heading chosen for each column; what is known where nobody was asked."""
        if not self.columns:
            return self.known
        return {name: self.cleaned_data[f"column-{name}"] for name in self.columns}

    @property
    def options(self) -> dict[str, object]:
        """How the file is to be read."""
        columns = {f"column-{name}" for name in self.columns}
        return {name: v for name, v in self.cleaned_data.items() if name not in columns}

    def column_fields(self) -> list[forms.BoundField]:
        """The choices of columns, to draw beside each other."""
        return [self[f"column-{name}"] for name in self.columns]

    def option_fields(self) -> list[forms.BoundField]:
        """The other questions; those answered by a tick come last."""
        others = [field for field in self if not field.name.startswith("column-")]
        return sorted(others, key=lambda field: field.widget_type == "checkbox")

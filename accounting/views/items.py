"""Items: what is sold and bought again and again."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounting.models import Item
from accounting.tax_forms import ItemForm
from backoffice.pages import Pages
from backoffice.views.office import save_recorded

items = Pages(
    model=Item,
    form=ItemForm,
    columns=("code", "name", "unit", "price", "sales_tax_code"),
    more_columns=("sales_account", "purchase_account", "purchase_tax_code", "is_active"),
    facts=(
        "code", "name", "unit", "price", "sales_account", "sales_tax_code", "purchase_account",
        "purchase_tax_code",
    ),
    filters=("unit", "is_active"),
    search=("code", "name"),
    ordering=("code",),
    joined=("sales_account", "purchase_account", "sales_tax_code", "purchase_tax_code"),
    hide_small=("unit", "sales_tax_code"),
    state=lambda item: None if item.is_active else (_("Inactive"), "mute"),
    save=save_recorded,
    importer="items",
    icon="package",
    empty=_lazy("Goods and services with their price and tax, ready for invoices and bills."),
)  # fmt: skip

"""What this function tells the office."""

from django.utils.translation import gettext_lazy as _

from backoffice.functions import FunctionConfig


class ItAssetsConfig(FunctionConfig):
    name = "it_assets"
    verbose_name = _("IT & assets")
    icon = "device-laptop"
    hue = "it"
    purpose = _("Hardware and software, maintained and up to date.")

"""What this function tells the office."""

from django.utils.translation import gettext_lazy as _

from backoffice.functions import FunctionConfig


class MarketingConfig(FunctionConfig):
    name = "marketing"
    verbose_name = _("Marketing")
    icon = "speakerphone"
    hue = "mkt"
    purpose = _("Campaigns and the people they reach.")

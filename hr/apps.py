"""What this function tells the office."""

from django.utils.translation import gettext_lazy as _

from backoffice.functions import FunctionConfig


class HrConfig(FunctionConfig):
    name = "hr"
    verbose_name = _("People")
    icon = "users"
    hue = "hr"
    purpose = _("Hiring, employing, leave, leaving.")

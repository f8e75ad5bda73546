"""What this function tells the office."""

from django.utils.translation import gettext_lazy as _

from backoffice.functions import FunctionConfig


class AdminDeskConfig(FunctionConfig):
    name = "admin_desk"
    verbose_name = _("Front desk")
    icon = "building"
    hue = "adm"
    purpose = _("Phone, mail, visitors, rooms and doors.")

"""What this function tells the office."""

from django.utils.translation import gettext_lazy as _

from backoffice.functions import FunctionConfig


class PayrollConfig(FunctionConfig):
    name = "payroll"
    verbose_name = _("Payroll")
    icon = "coin"
    hue = "pay"
    purpose = _("Pay, payslips and what is owed with them.")

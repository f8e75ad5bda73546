"""The Django admin as an app: with the office's own site in place of the stock one."""

from django.contrib.admin.apps import AdminConfig


class OfficeAdminConfig(AdminConfig):
    """Finds every app's admin.py and registers it with the office's site."""

    default_site = "backoffice.admin_site.OfficeAdmin"

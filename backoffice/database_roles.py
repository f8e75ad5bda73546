"""The two roles in the database: the owner, who migrates, and the application, who works."""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

GRANTS = (
    "grant usage on schema public to {role}",
    "grant select, insert, update, delete on all tables in schema public to {role}",
    "grant usage, select, update on all sequences in schema public to {role}",
    "grant execute on all routines in schema public to {role}",
)


def let_application_in(connection: BaseDatabaseWrapper) -> bool:
    """Give the application's role the use of every table, as their owner; never of a guard.

    Says whether there was anything to give: not where one role does both, and not in the
    embedded database, where new tables come with these rights.
    """
    application = settings.APPLICATION_ROLE
    owner = connection.settings_dict["USER"]
    if settings.EMBEDDED_POSTGRES is not None or application == owner:
        return False
    with connection.cursor() as cursor:
        for grant in GRANTS:
            cursor.execute(grant.format(role=connection.ops.quote_name(application)))
    return True

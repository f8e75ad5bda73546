"""The smallest honest page: 50 of 100,000 rows, three filters, a count, a session.

`python app.py` makes its tables in DATABASE_URL and prints the key of a session.
"""

import os
from pathlib import Path

import django
import environ
from django.conf import settings

settings.configure(
    SECRET_KEY="floor",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATABASES={
        "default": {
            **environ.Env.db_url_config(os.environ["DATABASE_URL"]),
            "CONN_MAX_AGE": 600,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent],
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ]
            },
        }
    ],
)
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.paginator import Paginator  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402

STATES = ("draft", "open", "paid")


class Customer(models.Model):
    """Who an invoice is for."""

    name = models.TextField()

    class Meta:
        app_label = "floor"

    def __str__(self) -> str:
        return self.name


class Invoice(models.Model):
    """A row of the list."""

    number = models.TextField()
    customer = models.ForeignKey(Customer, models.CASCADE)
    date = models.DateField(db_index=True)
    due = models.DateField()
    total = models.DecimalField(max_digits=18, decimal_places=2)
    state = models.TextField(db_index=True)

    class Meta:
        app_label = "floor"

    def __str__(self) -> str:
        return self.number


@login_required(login_url="/")
def page(request):
    """A page of the list, filtered and counted."""
    rows = Invoice.objects.select_related("customer").order_by("-date", "-id")
    asked = request.GET
    if asked.get("state"):
        rows = rows.filter(state=asked["state"])
    if asked.get("from"):
        rows = rows.filter(date__gte=asked["from"])
    if asked.get("q"):
        rows = rows.filter(customer__name__icontains=asked["q"])
    shown = Paginator(rows, 50).get_page(asked.get("page"))
    return render(request, "list.html", {"page": shown, "states": STATES})


urlpatterns = [path("list/", page)]
application = get_wsgi_application()

FILL = """
insert into floor_customer (name) select 'Customer ' || i from generate_series(1, 1000) i;
insert into floor_invoice (number, customer_id, date, due, total, state)
  select 'INV' || i, 1 + i % 1000, date '2023-01-01' + i / 100, date '2023-02-01' + i / 100,
         i * 1.1, (array['draft', 'open', 'paid'])[1 + i % 3]
    from generate_series(1, 100000) i;
"""


def make_tables() -> str:
    """Make and fill the tables; the key of a session."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Customer)
        editor.create_model(Invoice)
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        cursor.execute("analyze")
    user = User.objects.create(username="benchmark")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


if __name__ == "__main__":
    print(make_tables())

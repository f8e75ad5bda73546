"""The address book. Functions are named by text, so nothing here imports them."""

from allauth.account.urls import urlpatterns as account_pages
from django.apps import apps
from django.urls import include, path

from backoffice.access import ROUTES_OF_OTHERS
from backoffice.functions import FunctionConfig
from backoffice.views import directory, functions, home, office, pages, setting_up, signing_in
from backoffice.views.health import healthz, readyz
from backoffice.views.imports import import_urls

office_urls = (
    [
        path("", home.home, name="home"),
        path("search/", home.search, name="search"),
        path("profile/", home.profile, name="profile"),
        path("welcome/<str:secret>/", signing_in.welcome, name="welcome"),
        path("set-up/next/", setting_up.go_on, name="set-up-next"),
        path("set-up/<slug:step>/", setting_up.set_up, name="set-up"),
        path("views/save/", pages.keep_view, name="saved-view-add"),
        path("views/<int:pk>/delete/", pages.drop_view, name="saved-view-delete"),
        path("office/", office.settings_page, name="settings"),
        path("office/company/", office.company_page, name="company"),
        path("office/functions/", functions.choose, name="functions"),
        path("office/functions/<slug:function>/open/", functions.open_one, name="function-open"),
        path(
            "office/functions/<slug:function>/close/", functions.close_one, name="function-close"
        ),
        path("office/functions/<slug:function>/manager/", functions.appoint, name="appoint"),
        path("office/", include(office.departments.urls)),
        path("office/", include(office.people.urls)),
        path("office/", include(office.roles.urls)),
        path("office/", include(office.sites.urls)),
        path("office/", include(office.rooms.urls)),
        path("directory/", include(directory.parties.urls)),
        path("<slug:function>/", functions.function_home, name="function"),
        *import_urls,
    ],
    "backoffice",
)

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    # Of the package's pages those that are declared; the others are not there.
    path("account/", include([page for page in account_pages if page.name in ROUTES_OF_OTHERS])),
    *(
        path(f"{config.label}/", include(f"{config.name}.urls"))
        for config in apps.get_app_configs()
        if isinstance(config, FunctionConfig) and config.screens
    ),
    path("", include(office_urls)),
]

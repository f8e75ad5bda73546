"""The address book. Functions are named by text, so nothing here imports them."""

from allauth.account.urls import urlpatterns as account_pages
from django.apps import apps
from django.contrib import admin
from django.urls import include, path

from backoffice.access import ROUTES_OF_OTHERS
from backoffice.functions import FunctionConfig
from backoffice.views import (
    approvals,
    away,
    directory,
    functions,
    home,
    jobs,
    letters,
    office,
    pages,
    rights,
    seeing_as,
    setting_up,
    signing_in,
    trail,
    working_alone,
)
from backoffice.views.exports import export_urls
from backoffice.views.files import file_urls
from backoffice.views.health import healthz, readyz
from backoffice.views.imports import import_urls
from backoffice.views.inbox import inbox_urls

office_urls = (
    [
        path("", home.home, name="home"),
        path("search/", home.search, name="search"),
        path("profile/", home.profile, name="profile"),
        path("profile/away/", away.own, name="away"),
        path("profile/away/<int:pk>/end/", away.end, name="delegation-end"),
        path("office/staff/<int:pk>/away/", away.of_person, name="user-away"),
        path("welcome/<str:secret>/", signing_in.welcome, name="welcome"),
        path("set-up/next/", setting_up.go_on, name="set-up-next"),
        path("set-up/<slug:step>/", setting_up.set_up, name="set-up"),
        path("views/save/", pages.keep_view, name="saved-view-add"),
        path("views/<int:pk>/delete/", pages.drop_view, name="saved-view-delete"),
        *approvals.listed.urls,
        path("approvals/<int:pk>/approve/", approvals.approve, name="approval-approve"),
        path("approvals/<int:pk>/refuse/", approvals.refuse, name="approval-refuse"),
        path("approvals/<int:pk>/withdraw/", approvals.withdraw, name="approval-withdraw"),
        path("approvals/<int:pk>/alone/", approvals.alone, name="approval-alone"),
        path("office/company/alone/", working_alone.working_alone_page, name="working-alone"),
        path("office/", office.settings_page, name="settings"),
        path("office/company/", office.company_page, name="company"),
        path("office/functions/", functions.choose, name="functions"),
        path("office/functions/<slug:function>/open/", functions.open_one, name="function-open"),
        path(
            "office/functions/<slug:function>/close/", functions.close_one, name="function-close"
        ),
        path("office/functions/<slug:function>/manager/", functions.appoint, name="appoint"),
        path("office/rights/", rights.roles_page, name="rights"),
        path("office/rights/pages/", rights.routes_page, name="rights-by-route"),
        path("office/staff/<int:pk>/rights/", rights.person_page, name="user-rights"),
        path("office/staff/<int:pk>/see-as/", seeing_as.start, name="seeing-as-start"),
        path("seeing-as/stop/", seeing_as.stop, name="seeing-as-stop"),
        path("office/", include(office.departments.urls)),
        path("office/", include(office.people.urls)),
        path("office/", include(office.roles.urls)),
        path("office/", include(office.sites.urls)),
        path("office/", include(office.rooms.urls)),
        path("office/", include(letters.letters.urls)),
        path("office/", include(trail.changes.urls)),
        path("directory/", include(directory.parties.urls)),
        *file_urls,
        *inbox_urls,
        *export_urls,
        *jobs.jobs.urls,
        path("<slug:function>/", functions.function_home, name="function"),
        *import_urls,
    ],
    "backoffice",
)

handler403 = "backoffice.views.refusals.forbidden"
handler404 = "backoffice.views.refusals.not_found"
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
    path("admin/", admin.site.urls),
    path("", include(office_urls)),
]

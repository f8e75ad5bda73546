"""The address book. Apps are named by text, so nothing here imports them."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
]

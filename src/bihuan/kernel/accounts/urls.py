"""Addresses of log-in, one's own account, and the administrators' screens."""

from django.urls import path

from bihuan.kernel.accounts import account, administration, views

urlpatterns = [
    path("login", views.login_view, name="login"),
    path("login/code", views.login_code, name="login_code"),
    path("logout", views.logout_view, name="logout"),
    path("account", account.account, name="account"),
    path("account/language", account.language, name="account_language"),
    path("account/password", account.password, name="password"),
    path("account/totp", account.totp, name="totp"),
    path("account/delegations", account.delegate, name="delegate"),
    path("account/delegations/<int:delegation>/end", account.delegation_end, name="delegation_end"),
    path("audit", administration.audit, name="audit"),
]

"""The addresses of signing in and of the security log."""

from django.contrib.auth import views as auth
from django.urls import path

from tracker.web.accounts import (
    oidc_pages,
    password_pages,
    second_administrator,
    second_factor_pages,
    security_log,
)

urlpatterns = [
    path("login/", auth.LoginView.as_view(), name="login"),
    path("login/code/", second_factor_pages.second_step, name="second-step"),
    path("login/organisation/", oidc_pages.leave, name="sign-in-elsewhere"),
    path("login/organisation/back/", oidc_pages.come_back, name="back-from-elsewhere"),
    path("password/", password_pages.OwnPasswordPage.as_view(), name="own-password"),
    path("second-factor/", second_factor_pages.second_factor_page, name="second-factor"),
    path("second-administrator/<str:token>/", second_administrator.page, name="second-administrator"),
    path("security-log/", security_log.SecurityLog.as_view(), name="security-log"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
]

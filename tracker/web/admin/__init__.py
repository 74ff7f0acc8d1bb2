"""The admin; each module registers the models of one room."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.web.admin import (
    amendments,
    consideration,
    correspondence,
    obligations,
    people,
    registry,
    reminders,
)

__all__ = ["amendments", "consideration", "correspondence", "obligations", "people", "registry", "reminders"]

admin.site.site_header = _("Article 12 tracker")
admin.site.site_title = _("Article 12 tracker")
admin.site.index_title = _("Enter data")
admin.site.enable_nav_sidebar = False

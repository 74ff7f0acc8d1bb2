"""English as the United Nations writes it: 23 January 2005, and weeks that begin on Monday."""

from django.conf.locale.en_GB.formats import *  # type: ignore[import-untyped]  # noqa: F403 - a module of names

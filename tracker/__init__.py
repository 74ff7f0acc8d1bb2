"""The Article 12 tracker."""

VERSION = "0.1.0"  # as in pyproject.toml

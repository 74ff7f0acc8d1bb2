"""The public view: pages for everybody without signing in, if the office has enabled it."""

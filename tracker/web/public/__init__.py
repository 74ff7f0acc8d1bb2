"""The public view: what everybody may read, without signing in, where the office has switched it on."""

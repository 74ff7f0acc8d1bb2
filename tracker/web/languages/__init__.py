"""The language of a page, chosen by its reader, and the desk on which people confirm translations."""

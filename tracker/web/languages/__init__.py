"""The language of a page: chosen by the reader, and kept for the next visit."""

"""Facts that come in and go out as files: read, held against what is recorded, shown, written as a whole.

`files` reads whatever is handed in; `columns` and `tables` know what the columns mean; `check` says what
each row would do, and does it. Nothing here shows a page or writes to anybody.
"""

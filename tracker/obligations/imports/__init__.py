"""Imports and exports facts as files: reads a file, compares it with what is recorded, and saves it as a whole.

`files` reads an uploaded file (`workbook` its XLSX, `cells` its values) into a `sheet`; `columns` and `tables` know
what the columns mean; `check` says what each row would do, and saves it. For the list that an office has, `headings`
finds which column is which, `spellings` reads its days and reports, and `layout` makes a sheet of it. Nothing here
shows a page or sends mail.
"""

"""Reports for print and for the record: the same words and figures as a page, a workbook and a PDF."""

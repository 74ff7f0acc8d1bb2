"""Printable reports: the same text and figures as a page, a workbook and a PDF."""

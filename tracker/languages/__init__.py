"""The languages of the interface, the mails and the reports: their codes, dates, catalogues and confirmed texts."""

"""Help where one is: the terms, what each page is for, a tour, the first steps, and the display settings."""

"""The pictures: server-made SVG, each above the table with the same numbers."""

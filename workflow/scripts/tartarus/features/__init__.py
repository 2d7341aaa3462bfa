"""Features of items in files, and what makes them."""

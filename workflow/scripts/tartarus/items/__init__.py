"""Raw files, and the items, sets and classes that they come with."""

"""Look-alikes of the published archives, for tests and for trying out; no rule uses them."""

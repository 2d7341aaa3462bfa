"""Networks, their training, their files and their outputs."""

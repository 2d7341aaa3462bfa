"""Tables, pictures and the report, for people."""

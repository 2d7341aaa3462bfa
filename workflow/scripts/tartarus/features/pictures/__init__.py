"""From cover files to pictures."""

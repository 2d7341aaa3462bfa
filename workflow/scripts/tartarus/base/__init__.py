"""What every step stands on: errors, files, arrays, logs."""

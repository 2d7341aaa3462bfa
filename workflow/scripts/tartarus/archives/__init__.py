"""Published archives: fetched, unpacked, checked, imported under our names."""

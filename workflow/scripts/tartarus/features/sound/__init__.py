"""From sound to patches of spectrograms."""

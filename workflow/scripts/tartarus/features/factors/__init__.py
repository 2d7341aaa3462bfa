"""Factors: what models learn to predict in the place of classes or plays."""

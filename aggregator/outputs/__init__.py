"""Editions and articles as pages, Atom, JSON Feed and JSON."""

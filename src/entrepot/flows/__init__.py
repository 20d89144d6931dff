"""From costs to routes: which routes goods can go, and what each takes."""

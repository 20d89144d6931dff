"""From costs to routes: which ways goods can go, and what each takes."""

"""Facts: tables with sources, read strictly, checked in one pass, changed by lists of changes."""

"""A study in TOML becomes the folder of a run."""

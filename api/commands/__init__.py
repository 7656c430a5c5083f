"""Commands of the `assistant` program that open doors."""

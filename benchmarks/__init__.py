"""How good and how fast: each module measures one thing and returns figures; results are filed by commit."""

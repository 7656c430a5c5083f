"""Numpy demos, one per module: the file name is the demo's name everywhere. Private modules are shared parts."""

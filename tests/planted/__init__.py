"""Bugs planted on purpose into a copy of the tree: the suite must find every one of them.

``bugs`` lists them, each with the tests whose business it is; ``planting`` copies, plants and runs. By hand:
``python -m tests.planted``; the copies lie in temporary folders and nothing of the tree itself changes.
"""

"""The files beside this one are a program of their own, which `tests/test_hostile.py` starts; they hold no tests."""

collect_ignore_glob = ["*.py"]

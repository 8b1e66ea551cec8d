"""The bench school: a school of any size, `manage.py bench_school`. Same seed, day and size, same school."""

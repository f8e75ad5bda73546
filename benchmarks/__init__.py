"""How fast the office is, as ratios to floors and peers. README.md says how to run each."""

import os

import django

# Every benchmark calls the office's own acts, in its own process.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
django.setup()

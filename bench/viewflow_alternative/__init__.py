"""An application for django-viewflow's sake: it only runs flows that live in one. Used by bench/matters.py alone."""

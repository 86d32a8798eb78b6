"""Banjie (办结): every matter has an owner, a deadline, evidence and an ending."""

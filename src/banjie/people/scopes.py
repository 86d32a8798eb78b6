"""What an account may do where, read once and then asked many times.

``scope_of(account)`` costs one query for the grants and one for each granted area; a request keeps the result.
"""

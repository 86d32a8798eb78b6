"""Reading a draft: what it says in numbers, of where and when, and whether it agrees with itself. Pure functions, no database.

``reading.read`` is the way in. In the order of the work:

=================  ====================================================================================
``folding``        one width for digits and signs, without moving a character
``numerals``       Arabic and Chinese numerals as decimals
``units``          what stands behind a number, and what it is worth in the base unit
``names``          slogans, policies and idioms that contain numerals and are no quantities
``dates``          dates and clock times, and the period that they mean
``finding``        every quantity, date, ordinal and name of a text
``qualifiers``     约, 余, 超, 以上 …: read from the text
``comparing``      what each qualifier claims of the true value
``columns``        a newspaper page whose columns were interleaved, put back in order
``scope``          place, subject, period and basis of each quantity
``consistency``    what a text can be held to without any record
``matching``       which declared figure a quantity may be
=================  ====================================================================================
"""

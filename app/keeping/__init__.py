"""Keeping: copies of the data, putting them back, and never numbering on an older database as if it were today's.

============  ======================================================================================
``archive``   the backup's file: a zip of tables with a sealed manifest
``placing``   files that appear whole or not at all
``tables``    rows as lines of JSON, the same from SQLite and from PostgreSQL
``backing``   making a backup while the office serves
``restoring``  putting one back into an empty database, its series stopped
``watermark``  the high-water file compared with the database at start
``probing``   how far SUNAT knows a series: consult, SIRE's proposals, a statement
``proving``   letting a stopped series go on behind that
============  ======================================================================================

A backup taken at noon knows nothing of the afternoon's numbers. Going on from it would give them twice, so every series
starts stopped after a restore, and wherever the high-water file (`app.db.marks`) has seen more than the database
holds. Sources: `domain/sunat_operations.md` 4.2 and 4.4, decisions 6, 10 and 13.
"""

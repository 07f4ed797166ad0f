"""One module per revision, oldest first. A revision is never edited once a version with it is out."""

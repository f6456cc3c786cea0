"""Commands and options: reading them from words (`parse`), who may give them (`permissions`), carrying them out."""

"""Who may do what: tokens and the counting of bad ones, as pure decisions."""

# Completion of pairterm for fish. fish loads this file at the first Tab after `pairterm`.
# The script comes from the installed pairterm, so that both have the same version.
type -q pairterm; and env _PAIRTERM_COMPLETE=fish_source pairterm 2>/dev/null | source

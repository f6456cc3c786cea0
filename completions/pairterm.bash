# Completion of pairterm for bash 4.4 or later. bash-completion loads this file at the first Tab after `pairterm`.
# The script comes from the installed pairterm, so that both have the same version.
eval "$(_PAIRTERM_COMPLETE=bash_source pairterm 2>/dev/null)"

"""Advice for tmux's commands that a session does not have: one line each says what to do instead.

Commands that tmux and pairterm share are read in `parse` and in the command line.
A command that is neither there nor here is unknown to tmux 3.3a too.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["advice_for"]

_CONFIGURED = (
    "keys are bound in the configuration, see [bindings] in docs/configuration.md; it holds for the next session"
)

_OWN_BUFFERS = (
    "each attached terminal has its own buffers: C-b [ copies, C-b ] pastes, C-b = lists; "
    "set-buffer, show-buffer and delete-buffer work there, after C-b :"
)

_SHELL = "run the command in the shell"


def _each(names: str, advice: str) -> Iterable[tuple[str, str]]:
    return ((name, advice) for name in names.split())


_ADVICE = dict(
    (
        *_each("bind-key bind unbind-key unbind source-file source", _CONFIGURED),
        *_each("set-hook show-hooks", "hooks are in the configuration, see [hooks] in docs/configuration.md"),
        *_each("link-window linkw unlink-window unlinkw", "a window belongs to one session"),
        *_each(
            "choose-window choose-tree display-panes displayp",
            "it acts on one terminal: attach, and press C-b w or C-b q",
        ),
        *_each(
            "list-buffers lsb paste-buffer pasteb set-buffer setb show-buffer showb delete-buffer deleteb "
            "load-buffer loadb save-buffer saveb choose-buffer",
            _OWN_BUFFERS,
        ),
        *_each("run-shell run if-shell if", _SHELL),
        *_each(
            "rename-session rename",
            "a session keeps its name, since links can lead to it; give it one at the start: pairterm new -s NAME",
        ),
        *_each(
            "switch-client switchc choose-client choose-session", "attach to the other session: pairterm attach -t NAME"
        ),
        *_each(
            "lock-server lock lock-session locks lock-client lockc",
            "hide the session from all guests: C-b P, or pairterm pause",
        ),
        *_each("suspend-client suspendc", "detach with C-b d; pairterm attach comes back"),
        *_each("start-server start", "nothing has to be started: pairterm new starts all that it needs"),
        *_each("server-info info server-access", "see pairterm gateway status, pairterm doctor and pairterm who"),
        *_each(
            "display-popup popup display-menu menu customize-mode clock-mode",
            "a session shows the program alone; use the program's own",
        ),
        *_each(
            "set-environment setenv show-environment showenv",
            "set variables in the shell before pairterm new, or inside with export",
        ),
        *_each("confirm-before confirm", "give the command itself: those that can't be taken back ask"),
        *_each(
            "copy-mode command-prompt refresh-client refresh", "it acts on one terminal: attach, and give it at C-b :"
        ),
        *_each("send-prefix", "press the prefix twice: C-b C-b"),
        *_each("capture-pane capturep", "give it in a shell: pairterm capture-pane -p -S - > FILE"),
        *_each("list-commands lscm", "pairterm list-commands, in a shell, lists them; C-b ? lists the keys"),
        *_each(
            "has-session has kill-server attach-session attach new-session new list-sessions ls wait-for wait "
            "show-messages showmsgs audit continue doctor gateway join serve",
            "give it in a shell: pairterm --help lists what there is",
        ),
        *_each("clear-prompt-history clearphist show-prompt-history showphist", "the prompt keeps no history"),
        *_each("resize-window resizew", "set size-policy fixed COLSxROWS gives the session a size"),
    )
)


def advice_for(name: str) -> str:
    """Return what to do instead of tmux's command `name`; "" if tmux has no such command, or pairterm has it too."""
    return _ADVICE.get(name, "")

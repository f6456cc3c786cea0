"""Commands of the chat: say something, and show the remarks."""

from __future__ import annotations

from pairterm.session.commands.command_types import SendChat, ShowChat
from pairterm.session.commands.result import CommandResult, CommandSender
from pairterm.session.effects import Remark
from pairterm.session.session_parts import SessionParts

__all__ = ["send_chat", "show_chat"]


def send_chat(parts: SessionParts, command: SendChat, sender: CommandSender, now_s: float) -> CommandResult:
    """Show a remark to everybody, and keep it for those who join later."""
    name = parts.people[sender.client].name if sender.client is not None else "owner"
    remark = parts.chat.say(name, command.text, now_s)
    effects = [*parts.notices.to_all(str(remark), said_by=name), Remark("chat", remark.name, remark.text)]
    return CommandResult(effects, "" if sender.client is not None else "said")


def show_chat(parts: SessionParts, command: ShowChat, sender: CommandSender, now_s: float) -> CommandResult:
    """Show the remarks, the newest last, as a page that starts at its end."""
    call_url = parts.notices.call_url
    lines = [f"call: {call_url}"] if call_url else []
    lines += [str(remark) for remark in parts.chat.remarks]
    return CommandResult([], "\n".join(lines) or "nothing was said yet", "What was said", starts_at_end=True)

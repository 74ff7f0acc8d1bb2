"""Whether a mail server refused us, the sender, and not the recipient."""

from __future__ import annotations

import re

# By RFC 3463 and its registry: the sender's address or domain is not accepted; SPF, DKIM, DMARC, ARC, reverse DNS.
_OF_THE_SENDER = re.compile(r"[45]\.(?:1\.[78]|7\.2\d)")
_POLICY = re.compile(r"[45]\.7\.\d{1,3}")
# What a server says before it has heard of a recipient cannot be about one.
_TOO_EARLY = re.compile(
    r"\b(?:after|in (?:reply|response) to|following|>>>) (?:initial connection|MAIL FROM|HELO|EHLO)\b",
    re.IGNORECASE,
)
_ABOUT_SENDER = re.compile(
    r"\b(?:spf|dkim|dmarc|arc)\b"
    r"|\bsender(?:'s)? (?:address |domain |e-?mail |host |ip )?(?:was |is |has been |has |not )?"
    r"(?:rejected|refused|denied|blocked|banned|verif\w+|must|does not|not (?:accepted|allowed|authori[sz]ed|found))"
    r"|\b(?:domain of )?sender (?:address )?\S* ?(?:does not (?:exist|resolve)|not (?:found|exist))"
    r"|\bunauthenticated (?:sender|mail|e-?mail)"
    r"|\b(?:black|block|deny|rep)[ -]?list(?:ed|s)?\b|\bdnsbl\b|\b(?:d?rbl|sbl|xbl|pbl)\b"
    r"|\bspamhaus\b|\bspamcop\b|\bbarracuda"
    r"|\b(?:client|sending|connecting|your) (?:host|ip|server|address|system|mail server|domain|network)\b.{0,60}"
    r"\b(?:reject|refus|block|ban|list|deni|reputation|not (?:allowed|permitted|authori))"
    r"|\bpolicy (?:reasons?|violation)|\bby policy\b|\bmail from\b.{0,60}\b(?:reject|refus|denied)|\binvalid ip\b"
    r"|\b(?:poor|bad|low|ip|domain|sender) reputation\b|\breputation of\b"
    r"|\b(?:reverse (?:dns|hostname|lookup)|rdns|ptr(?: record)?)\b|\bcannot find your (?:reverse )?hostname"
    r"|\b(?:spam|junk) ?(?:message|mail|content|score)?\b.{0,40}\b(?:reject|refus|block|detect|denied)"
    r"|\b(?:reject|refus|block|detect|classified|identified|considered|scored)\w*\b.{0,40}\b(?:spam|junk|uce|unsolicited)",
    re.IGNORECASE | re.DOTALL,
)
_ABOUT_RECIPIENT = re.compile(
    r"\b(?:no such|unknown|invalid|nonexistent|non-existent|not a valid|bad|inactive|disabled) "
    r"(?:local )?(?:user|recipient|mailbox|address|account|e-?mail)"
    r"|\b(?:user|recipient|mailbox|account)\b(?: \S+)? (?:is |was |has been |address )?"
    r"(?:unknown|not found|does ?n[o']t exist|"
    r"unavailable|disabled|inactive|suspended|full|over ?quota|rejected|invalid)"
    r"|\brelay(?:ing)?\b.{0,20}\b(?:denied|prohibited|not permitted|not allowed|access)"
    r"|\bunable to relay|\bnot permitted to relay"
    r"|\bcannot relay|\bnotauthori[sz]ed|\bdelivery not authori[sz]ed|\b(?:over ?quota|quota exceeded)",
    re.IGNORECASE,
)
# Postfix begins so whatever the reason is, also when it asks a program about SPF.
_POSTFIX = "Recipient address rejected: "


def refuses_sender(status: str, words: str) -> bool:
    """Whether a refusal is about us: our address, our domain, our server or what our mail looks like.

    A status of the sender (5.1.7, 5.1.8, 5.7.20 to 5.7.29) decides by itself, and so does a refusal before the server
    has heard of the recipient. Any other "policy" status (5.7.x) is about us unless the words speak of the recipient,
    because servers also use 5.7.1 for unknown users, closed mailboxes and relays. Without such a status the words
    decide, and those about the recipient come first.

    Args:
        status: by RFC 3463, such as 5.7.26; may be empty.
        words: the text of the server.
    """
    if _OF_THE_SENDER.fullmatch(status) or _TOO_EARLY.search(words):
        return True
    _before, found, reason = words.partition(_POSTFIX)
    if found and _ABOUT_SENDER.search(reason):
        words = reason
    if _ABOUT_RECIPIENT.search(words):
        return False
    return bool(_POLICY.fullmatch(status) or _ABOUT_SENDER.search(words))

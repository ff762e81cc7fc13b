"""Expressions of other languages, written as flowc writes them.

`at_home` knows signs and words that flowc has no use for, so that what it changes could not
have been read. Whoever asks parses the answer again: what still cannot be read is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_TOKEN = re.compile(
    r"""(?P<string>r"[^"\n]*"|r'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]+`)
      | (?P<variable>\$\{[^}\n]*\})
      | (?P<time>\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?(?!\w))
      | (?P<number>\d[\w]*(?:\.\d\w*)?%?)
      | (?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
      | (?P<blank>\s+)
      | (?P<sign>===|!==|==|!=|<=|>=|=<|=>|<>|=~|!~|&&|\|\||\?\?|\?\.|::|:=|\*\*|//|\.\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "like",
        "ilike",
        "rlike",
        "regexp",
        "between",
        "case",
        "when",
        "then",
        "else",
        "end",
        "as",
        "by",
        "desc",
        "asc",
        "true",
        "false",
        "if",
        "where",
    ]
)
_TYPES = {
    "int": "int", "integer": "int", "bigint": "int", "long": "int", "smallint": "int",
    "float": "float", "double": "float", "real": "float", "numeric": "decimal",
    "decimal": "decimal", "string": "string", "text": "string", "varchar": "string",
    "char": "string", "bool": "bool", "boolean": "bool", "date": "date",
    "timestamp": "timestamp", "datetime": "timestamp",
}  # fmt: skip
_UNITS = {
    "second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w",
    "seconds": "s", "minutes": "m", "hours": "h", "days": "d", "weeks": "w",
}  # fmt: skip
#: Words between two values that are functions here.
_INFIX = {
    "has": "contains", "contains": "contains", "startswith": "starts_with",
    "endswith": "ends_with", "starts_with": "starts_with", "ends_with": "ends_with",
}  # fmt: skip
_OPENERS = {"(": ")", "[": "]", "{": "}"}


def cut(text: str) -> list[str]:
    """The lexemes of a text, blanks too."""
    return [match.group() for match in _TOKEN.finditer(text)]


def at_home(text: str) -> str:
    """The text with what other languages write as flowc writes it; often the text itself."""
    tokens = cut(text)
    for change in _CHANGES:
        tokens = cut("".join(change(tokens)))
    return re.sub(r"(?<=\S) +(?=[),])|(?<=[(]) +", "", "".join(tokens))


def calls_at_home(text: str, meant: Callable[[str, list[str]], str | None]) -> str:
    """The text with calls written as ``meant`` says, which is given a name and arguments, and
    gives None for a call that stays. What is no call any more stands in brackets where its
    neighbours could take a part of it."""
    tokens = cut(text)
    at = 0
    while at < len(tokens) - 1:
        end = _closer(tokens, at + 1) if tokens[at + 1] == "(" else -1
        if end > 0 and re.match(r"[^\W\d]", tokens[at]):
            inner = calls_at_home("".join(tokens[at + 2 : end]), meant)
            made = meant(tokens[at], parts(inner))
            if made is not None:
                alone = _stands_alone(tokens, at, end) or re.fullmatch(r"\w+\(.*\)", made)
                tokens[at : end + 1] = [made if alone else f"({made})"]
            else:
                tokens[at + 2 : end] = [inner]
                at += 2
        at += 1
    return "".join(tokens)


def _stands_alone(tokens: list[str], at: int, end: int) -> bool:
    """Whether what stands between is a whole item or argument."""
    before, behind = _before(tokens, at), _next(tokens, end)
    opens = before < 0 or tokens[before] in ("=", ",", "(", "[")
    return opens and (behind >= len(tokens) or tokens[behind] in (",", ")", "]"))


def parts(text: str, separator: str = ",") -> list[str]:
    """A text cut at each ``separator`` outside of brackets and quotes, without blanks around.

    An empty text has no parts.
    """
    found, depth = [""], 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match["sign"] is not None:
            depth += (token in "([{") - (token in ")]}")
        if token == separator and depth == 0:
            found.append("")
        else:
            found[-1] += token
    cut = [part.strip() for part in found]
    return cut if len(cut) > 1 or cut[0] else []


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the stages of a text stand that are joined by ``|``: start and end, trimmed."""
    start = depth = 0
    end = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match["sign"] is not None:
            depth = max(0, depth + (token in "([{") - (token in ")]}"))
        end = match.start()
        if token == "|" and depth == 0:
            yield _trimmed(text, start, end)
            start = match.end()
    yield _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    inside = text[start:end]
    lead = len(inside) - len(inside.lstrip())
    return (start + lead, start + len(inside.rstrip())) if inside.strip() else (start, start)


def inside(text: str) -> str:
    """What stands inside of the brackets that surround all of a text; else the text."""
    text = text.strip()
    tokens = cut(text)
    if tokens and tokens[0] in _OPENERS and _closer(tokens, 0) == len(tokens) - 1:
        return text[1:-1].strip()
    return text


# --- finding operands -----------------------------------------------------------------


def _closer(tokens: list[str], at: int) -> int:
    """The index of the bracket that closes the one at ``at``; -1 where none does."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += (tokens[index] in _OPENERS) - (tokens[index] in _OPENERS.values())
        if depth == 0:
            return index
    return -1


def _opener(tokens: list[str], at: int) -> int:
    depth = 0
    for index in range(at, -1, -1):
        depth += (tokens[index] in _OPENERS.values()) - (tokens[index] in _OPENERS)
        if depth == 0:
            return index
    return 0


def _next(tokens: list[str], at: int) -> int:
    """The index of the token behind ``at`` that is no blank; the length where there is none."""
    at += 1
    while at < len(tokens) and tokens[at].isspace():
        at += 1
    return at


def _before(tokens: list[str], at: int) -> int:
    at -= 1
    while at >= 0 and tokens[at].isspace():
        at -= 1
    return at


def _start_of_operand(tokens: list[str], at: int) -> int:
    """Where the value that ends before ``at`` begins: a name, a call, a literal, brackets."""
    index = _before(tokens, at)
    while index >= 0 and tokens[index] in (")", "]"):
        index = _opener(tokens, index)
        before = index - 1
        if before < 0 or not _is_value(tokens[before]):
            return index
        index = before
    return max(index, 0)


def _end_of_operand(tokens: list[str], at: int) -> int:
    """The index behind the value that begins at ``at``."""
    if at < len(tokens) and tokens[at] in ("-", "+"):
        at = _next(tokens, at)
    if at < len(tokens) and tokens[at] in _OPENERS:
        at = _closer(tokens, at)
        return len(tokens) if at < 0 else at + 1
    at += 1
    while at < len(tokens) and tokens[at] in ("(", "["):
        closer = _closer(tokens, at)
        if closer < 0:
            return len(tokens)
        at = closer + 1
    return min(at, len(tokens))


def _is_value(token: str) -> bool:
    """Whether a token can end a value: a word that is no operator, a literal, a bracket."""
    if token.lower() in _KEYWORDS - {"null", "true", "false", "end"}:
        return False
    return bool(re.match(r"[\w\"'`$]", token)) or token in (")", "]", "}")


def _joined(tokens: list[str], start: int, end: int) -> str:
    return "".join(tokens[start:end]).strip()


def _unquoted(token: str) -> str | None:
    match = re.fullmatch(r"r?([\"'])(.*)\1", token, re.DOTALL)
    return match[2] if match else None


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"'{text}'"


# --- changes --------------------------------------------------------------------------


def _keywords(tokens: list[str]) -> list[str]:
    """``AND``, ``IS NOT NULL``"""
    return [t.lower() if t.isupper() and t.lower() in _KEYWORDS else t for t in tokens]


_SIGNS = {
    "&&": " and ", "===": " == ", "!==": " != ", "=<": " <= ", "=>": " >= ", ":=": " = ",
    "?.": ".",
}  # fmt: skip


def _signs(tokens: list[str]) -> list[str]:
    """``&&``, ``===``, ``!done``, ``@2024-01-01``; ``||`` is `or`, of texts `concat`"""
    made: list[str] = []
    for index, token in enumerate(tokens):
        following = tokens[index + 1 : index + 2]
        if token in _SIGNS:
            made.append(_SIGNS[token].strip() if _spaced(tokens, index) else _SIGNS[token])
        elif token == "||":
            alternative = "or" if _spaced(tokens, index) else " or "
            made.append(token if _is_concatenation(tokens, index) else alternative)
        elif token == "!" and following and re.match(r"[\w(.`!]", following[0]):
            made.append("not ")
        elif (token == "@" and following and re.match(r"\d{4}-", following[0])) or (
            token == "?" and _is_optional(tokens, index)
        ):
            continue
        else:
            made.append(token)
    return made


def _spaced(tokens: list[str], at: int) -> bool:
    return tokens[at - 1 : at] == [" "] and tokens[at + 1 : at + 2] == [" "]


def _is_optional(tokens: list[str], at: int) -> bool:
    """``.a?``: the mark behind a path, where no ``:`` makes it a choice."""
    return at > 0 and bool(re.match(r"[\w\])]", tokens[at - 1][-1:])) and ":" not in tokens[at:]


def _is_concatenation(tokens: list[str], at: int) -> bool:
    """``a || "-" || b``: a text stands beside one of the signs."""
    sides = [i for i, token in enumerate(tokens) if token == "||"]
    near = [tokens[i] for s in sides for i in (_before(tokens, s), _next(tokens, s)) if i >= 0]
    compared = any(token in ("==", "=", "!=", "<", ">", "<=", ">=") for token in tokens[at:])
    return not compared and any(token[:1] in "\"'" for token in near)


def _concatenations(tokens: list[str]) -> list[str]:
    while "||" in tokens:
        at = tokens.index("||")
        start = _start_of_operand(tokens, at)
        values = [_joined(tokens, start, at)]
        while at < len(tokens) and tokens[at] == "||":
            first = _next(tokens, at)
            end = _end_of_operand(tokens, first)
            values.append(_joined(tokens, first, end))
            at = _next(tokens, end - 1)
        tokens = [*tokens[:start], f"concat({', '.join(values)})", *tokens[end:]]
    return tokens


def _leading_dots(tokens: list[str]) -> list[str]:
    """``.a > 1``, ``.a[0].b``: jq's and VRL's way to write a field; there ``//`` is ``??``"""
    made: list[str] = []
    dotted = False
    for index, token in enumerate(tokens):
        following = tokens[index + 1 : index + 2]
        leads = index == 0 or not re.match(r"[\w)\]}`\"']", tokens[index - 1][-1:])
        if token == "." and leads and following and re.match(r"[^\W\d]", following[0]):
            dotted = True
        else:
            made.append(token)
    if not dotted:
        return made
    return _piped(["??" if token == "//" else token for token in made])


def _casts(tokens: list[str]) -> list[str]:
    """``cast(a as int)``, ``a::int``"""
    for at, token in enumerate(tokens):
        if token == "::" and at + 1 < len(tokens) and tokens[at + 1].lower() in _TYPES:
            start = _start_of_operand(tokens, at)
            type = _TYPES[tokens[at + 1].lower()]
            made = f"{type}({_joined(tokens, start, at)})"
            return _casts([*tokens[:start], made, *tokens[at + 2 :]])
        name = token.lower()
        if name in ("cast", "try_cast", "safe_cast") and tokens[at + 1 : at + 2] == ["("]:
            end = _closer(tokens, at + 1)
            words = [i for i in range(at, end) if tokens[i].lower() == "as"]
            if end < 0 or not words:
                continue
            written = _joined(tokens, words[-1] + 1, end).partition("(")[0].strip().lower()
            if written not in _TYPES:
                continue
            made = f"{_TYPES[written]}({_joined(tokens, at + 2, words[-1])})"
            made = made if name == "cast" else f"try({made})"
            return _casts([*tokens[:at], made, *tokens[end + 1 :]])
    return tokens


def _patterns(tokens: list[str]) -> list[str]:
    """``a like "x%"``, ``a not rlike "x"``, ``a =~ "x"``, ``a !~ "x"``"""
    for at, token in enumerate(tokens):
        word = token.lower()
        if word not in ("like", "ilike", "rlike", "regexp", "=~", "!~"):
            continue
        value = _next(tokens, at)
        text = _unquoted(tokens[value]) if value < len(tokens) else None
        if text is None:
            continue
        before = _before(tokens, at)
        negated = word == "!~" or (before >= 0 and tokens[before].lower() == "not")
        stop = before if negated and word != "!~" else at
        start = _start_of_operand(tokens, stop)
        subject = _joined(tokens, start, stop)
        pattern = like_pattern(text) if word.endswith("like") and word != "rlike" else text
        subject = f"lower({subject})" if word == "ilike" else subject
        pattern = pattern.lower() if word == "ilike" else pattern
        made = f"{subject} matches r{_quoted(pattern)}"
        made = f"not ({made})" if negated else made
        return _patterns([*tokens[:start], made, *tokens[value + 1 :]])
    return tokens


def like_pattern(text: str) -> str:
    """The regular expression of a pattern of LIKE."""
    made = "".join(
        ".*" if char == "%" else "." if char == "_" else re.escape(char) for char in text
    )
    made = f"^{made}$".replace(r"\ ", " ").replace(r"\-", "-")
    made = made.removeprefix("^.*") if made.startswith("^.*") else made
    return made.removesuffix(".*$") if made.endswith(".*$") else made


def _piped(tokens: list[str]) -> list[str]:
    """``.name | startswith("a")``: jq's way to call a function"""
    while "|" in tokens:
        at = tokens.index("|")
        start, name = _start_of_operand(tokens, at), _next(tokens, at)
        if name >= len(tokens) or not re.fullmatch(r"[^\W\d]\w*", tokens[name]):
            return tokens
        subject = _joined(tokens, start, at)
        end = name + 1
        arguments = ""
        if tokens[end : end + 1] == ["("]:
            closer = _closer(tokens, end)
            if closer < 0:
                return tokens
            arguments, end = _joined(tokens, end + 1, closer), closer + 1
        made = f"{tokens[name]}({', '.join(part for part in (subject, arguments) if part)})"
        tokens = [*tokens[:start], made, *tokens[end:]]
    return tokens


def _betweens(tokens: list[str]) -> list[str]:
    """``a between 1 and 5``, ``a between (1 .. 5)``"""
    for at, token in enumerate(tokens):
        if token.lower() != "between":
            continue
        before = _before(tokens, at)
        negated = before >= 0 and tokens[before].lower() == "not"
        stop = before if negated else at
        start = _start_of_operand(tokens, stop)
        subject, first = _joined(tokens, start, stop), _next(tokens, at)
        end = _end_of_operand(tokens, first)
        low = _joined(tokens, first, end)
        dots = re.fullmatch(r"\((.+?)\s*\.\.\s*(.+)\)", low)
        if dots:
            low, high = dots[1], dots[2]
        else:
            middle = _next(tokens, end - 1)
            if middle >= len(tokens) or tokens[middle].lower() != "and":
                return tokens
            last = _next(tokens, middle)
            end = _end_of_operand(tokens, last)
            high = _joined(tokens, last, end)
        made = f"{subject} >= {low} and {subject} <= {high}"
        if negated:
            made = f"not ({made})"
        elif (ahead := _before(tokens, start)) >= 0 and tokens[ahead].lower() == "not":
            made = f"({made})"
        return _betweens([*tokens[:start], made, *tokens[end:]])
    return tokens


def _cases(tokens: list[str]) -> list[str]:
    """``case when a then b else c end``"""
    starts = [i for i, token in enumerate(tokens) if token.lower() == "case"]
    for start in reversed(starts):
        when = _next(tokens, start)
        end = next((i for i in range(start, len(tokens)) if tokens[i].lower() == "end"), -1)
        if end < 0 or when >= len(tokens):
            continue
        subject = ""
        if tokens[when].lower() != "when":
            head = next((i for i in range(when, end) if tokens[i].lower() == "when"), end)
            subject = f"{_joined(tokens, when, head)} == "
            when = head
        made = subject + _joined(tokens, when, end)
        made = re.sub(r"(?i)\bwhen\b", "if", made.removeprefix(subject))
        if subject:
            made = made.replace("if ", f"if {subject}")
        made = re.sub(r"(?<!^)\bif\b", "else if", made)
        if not re.search(r"\belse\b(?! if)", made):
            made += " else null"
        return _cases([*tokens[:start], made, *tokens[end + 1 :]])
    return tokens


def _choices(tokens: list[str]) -> list[str]:
    """``a > 1 ? "x" : "y"`` and ``if(a > 1, "x", "y")``"""
    for at, token in enumerate(tokens):
        if token.lower() == "if" and tokens[at + 1 : at + 2] == ["("]:
            end = _closer(tokens, at + 1)
            values = parts(_joined(tokens, at + 2, end)) if end > 0 else []
            if len(values) == 3:
                made = "if {} then {} else {}".format(*values)
                return _choices([*tokens[:at], made, *tokens[end + 1 :]])
    at = next((i for i, token in enumerate(tokens) if token == "?"), -1)
    colon = next((i for i in range(at, len(tokens)) if tokens[i] == ":"), -1) if at > 0 else -1
    if colon < 0:
        return tokens
    start = at
    depth = 0
    while start > 0:
        token = tokens[start - 1]
        depth += (token in _OPENERS.values()) - (token in _OPENERS)
        if depth < 0 or (depth == 0 and token in ("=", ",", ":")):
            break
        start -= 1
    end, depth = colon + 1, 0
    while end < len(tokens):
        token = tokens[end]
        depth += (token in _OPENERS) - (token in _OPENERS.values())
        if depth < 0 or (depth == 0 and token == ","):
            break
        end += 1
    condition, then = _joined(tokens, start, at), _joined(tokens, at + 1, colon)
    otherwise = "".join(_choices(tokens[colon + 1 : end])).strip()
    lead = " " if start and tokens[start].isspace() else ""
    made = f"{lead}if {condition} then {then} else {otherwise}"
    return [*tokens[:start], made, *tokens[end:]]


def _infix(tokens: list[str]) -> list[str]:
    """``name contains "x"``, ``name !startswith "x"``"""
    for at, token in enumerate(tokens):
        value = _next(tokens, at)
        before = _before(tokens, at)
        fits = token.lower() in _INFIX and value < len(tokens) and tokens[value][:1] in "\"'"
        if not fits or before < 0:
            continue
        stop = before if tokens[before].lower() == "not" or tokens[before] == "!" else at
        start = _start_of_operand(tokens, stop)
        made = f"{_INFIX[token.lower()]}({_joined(tokens, start, stop)}, {tokens[value]})"
        made = made if stop == at else f"not {made}"
        return _infix([*tokens[:start], made, *tokens[value + 1 :]])
    return tokens


def _intervals(tokens: list[str]) -> list[str]:
    """``interval '5 minutes'``, ``interval 5 minute``, ``date '2024-01-01'``"""
    text = "".join(tokens)
    units = "|".join(_UNITS)

    def length(match: re.Match[str]) -> str:
        return match[1] + _UNITS[match[2].lower()]

    text = re.sub(rf"(?i)\binterval\s+'?(\d+)'?\s*({units})\b'?", length, text)
    text = re.sub(r"(?i)\b(?:date|timestamp)\s+'([\dT:.Z+-]+)'", r"\1", text)
    text = re.sub(r"(?i)\bextract\s*\(\s*(\w+)\s+from\s+", lambda m: f"{m[1].lower()}(", text)
    text = re.sub(r"(?i)\bcount\s*\(\s*(?:\*|this)\s*\)", "count()", text)
    text = re.sub(r"(?i)\bcount\s*\(\s*distinct\s+", "count_distinct(", text)
    text = re.sub(r"(?i)\bfilter\s*\(\s*where\s+([^()]+)\)", r"where \1", text)
    text = re.sub(r"(?i)(?<=[\w)\]])\s+mod\s+", " % ", text)
    text = re.sub(r"(?i)\bmatches\s+regex\b", "matches", text)
    return [text]


_CHANGES: tuple[Callable[[list[str]], list[str]], ...] = (
    _keywords,
    _leading_dots,
    _intervals,
    _casts,
    _infix,
    _patterns,
    _betweens,
    _signs,
    _concatenations,
    _cases,
    _choices,
)

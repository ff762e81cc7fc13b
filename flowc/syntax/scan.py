"""Cuts pipe text lexically: statements, chains, segments, blocks, comments.

What a segment says is read later, each alone, so that a bad one is one hole. Only the
position tells an endpoint from a stage, so heads of segments are lexed here.

    orders.jsonl | tee { filter ok | a.jsonl; b.jsonl } | out.jsonl
    PATH         PIPE WORD OPEN WORD TEXT PIPE PATH END PATH CLOSE PIPE PATH
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from flowc.diagnostics.reporter import Reporter
from flowc.model.source import Span, Text
from flowc.model.tree import Comment
from flowc.syntax import slips
from flowc.syntax.limits import DEEPEST, DEEPEST_BLOCKS

#: Stages whose braces hold branches, and whether these have conditions. The words of other
#: languages are here too, so that a message of their own can show the whole block.
BLOCKS = {"tee": False, "route": True, "fork": False, "branch": False, "switch": True, "case": True}


class Mark(Enum):
    PIPE = auto()
    END = auto()  # of a statement or a branch: `;`, a line end, a comma behind an endpoint
    COMMA = auto()
    COLON = auto()
    OPEN = auto()
    CLOSE = auto()
    LET = auto()  # `let name =`
    WORD = auto()  # the head of a segment: a name
    PATH = auto()  # … a path, a URI or a component
    QUOTED = auto()  # … a quoted endpoint
    TEXT = auto()
    BROKEN = auto()  # something here was reported; the segment is a hole


@dataclass(slots=True)
class Token:
    mark: Mark
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """``clean`` is the text with blanks for comments, character by character."""

    tokens: list[Token]
    clean: str
    comments: tuple[Comment, ...]


@dataclass(slots=True)
class _Frame:
    """An open bracket: "block", "group" or the bracket itself; "chain" at the bottom.

    ``head`` and ``content`` tell how the segment at hand began and how many lexemes
    followed; ``column`` is where the branch at hand began.
    """

    kind: str
    start: int
    conditions: bool = False
    head: Mark | None = None
    word: str = ""
    content: int = 0
    segment: int = 0
    column: int = -1


#: A component of the registry: never a path, wherever it stands.
COMPONENT = re.compile(r"[^\W\d][\w-]*(?:/[^\W\d][\w-]*)+(?:@[\w.+-]+)?|registry://[^\s|,;\"'{}]+")

_CLOSER = {"(": ")", "[": "]", "{": "}"}
_ENDPOINT = re.compile(r"""(?:\$\{[^}\n]*\}|\{[^\s{}]*\}|[^\s|,;"'{}])+""")
_NAME = re.compile(r"[^\W\d][\w-]*")
_LET = re.compile(r"let[^\S\n]+[^\W\d][\w-]*(?:\s*=(?!=)|[^\S\n]+(?!as\b|key\b|time\b)[\w.])")
_ELSE = re.compile(r",\s*else\s*:")
_SKIP = re.compile(r"(?:\s+|#[^\n]*)*")
_KEYS = re.compile(r"\skey\s(?!.*\stime\s+[^\s,])", re.DOTALL)
_FILE = re.compile(r"[/*~]|\$\{|\.(?:json|jsonl|ndjson|csv|tsv|txt|parquet|log|db|gz|zst)\Z")
_STRING = r"""r"[^"\n]*"|r'[^'\n]*'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`"""
_LEXEME = re.compile(
    rf"""(?P<blank>[^\S\n]+)
      | (?P<line>\n)
      | (?P<comment>\#[^\n]*)
      | (?P<string>{_STRING})
      | (?P<text>\d{{4}}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?
          | \w+ | \$\{{[^}}\n]*\}} | [^\s\w|;,:{{}}()\[\]"'`\#$]+ )
      | (?P<sign>\|\||[|;,:{{}}()\[\]])
      | (?P<quote>["'`])
      | (?P<other>.)""",
    re.VERBOSE,
)
_FOLD = re.compile(rf"(?P<string>{_STRING})|(?P<comment>\#)|(?P<blank>\ )")


def _skip(value: str, at: int) -> int:
    """The index behind blanks, line ends and comments."""
    match = _SKIP.match(value, at)
    return match.end() if match else at


def is_path(word: str) -> bool:
    """Whether an unquoted endpoint is a path or a URI; other words are names."""
    return word == "-" or "${" in word or any(char in "/.*?\\~" for char in word)


def unfold(text: Text) -> Text:
    """The text with line breaks where a folded YAML scalar has blanks for them.

    Comments and branches end at the lines of the file. Inside quotes the blank stays.
    """
    places, file = text.places, text.source.text
    if places is None:
        return text
    value = list(text.value)
    at, changed = 0, False
    while match := _FOLD.search(text.value, at):
        at = match.end()
        if match["comment"] is not None:
            at = max(at, text.line_end(match.start()))
        elif match["blank"] is not None and file[places[match.start()]] in "\r\n":
            value[match.start()] = "\n"
            changed = True
    return Text("".join(value), text.source, text.base, places) if changed else text


def scan(text: Text, reporter: Reporter, *, statements: bool, arguments: bool = False) -> Scan:
    """Cut ``text``, as `unfold` gave it.

    Args:
        statements: a ``.flow`` file or a command line.
        arguments: the text stands behind a stage's name, or is an expression.
    """
    scanner = _Scanner(text, reporter, statements)
    if arguments:
        scanner.fresh = False
        scanner.frames[0].head = Mark.WORD
        scanner.frames[0].content = 1
    return scanner.run()


class _Scanner:
    def __init__(self, text: Text, reporter: Reporter, statements: bool) -> None:
        self.text = text
        self.value = text.value
        self.reporter = reporter
        self.statements = statements
        self.tokens: list[Token] = []
        self.remarks: list[tuple[int, int]] = []
        self.frames: list[_Frame] = [_Frame("chain", 0)]
        #: How many blocks are open.
        self.blocks = 0
        #: A segment begins at the next lexeme.
        self.fresh = True
        #: A statement begins at the next lexeme.
        self.starting = statements

    def run(self) -> Scan:
        value, n, at = self.value, len(self.value), 0
        lexeme = _LEXEME.match
        while at < n:
            match = lexeme(value, at)
            if match is None:
                break
            kind, end = match.lastgroup, match.end()
            if kind == "blank":
                at = end
            elif kind == "line":
                self._line(at, end)
                at = end
            elif kind == "comment":
                self.remarks.append((at, end))
                at = end
            elif self.fresh and (kind != "sign" or value[at] == "{"):
                at = self._head(at, end, kind == "string")
            elif kind == "sign":
                at = self._sign(match.group(), at, end)
            elif kind == "quote":
                at = self._unterminated(at)
            else:
                self._text(at, end)
                at = end
            if len(self.frames) > DEEPEST or self.blocks > DEEPEST_BLOCKS:
                span = self._span(at - 1, at)
                slips.too_deep(span, self.reporter, blocks=self.blocks > DEEPEST_BLOCKS)
                self.tokens = [Token(Mark.BROKEN, 0, at)]
                break
        else:
            self._unclosed_at_end()
        return Scan(self.tokens, self._clean(), self._comments())

    def _span(self, start: int, end: int) -> Span:
        return self.text.span(start, end)

    def _add(self, mark: Mark, start: int, end: int) -> None:
        self.tokens.append(Token(mark, start, end))

    def _broken(self, at: int) -> None:
        self._add(Mark.BROKEN, at, at)

    def _text(self, start: int, end: int) -> None:
        tokens = self.tokens
        if tokens and tokens[-1].mark is Mark.TEXT:
            tokens[-1].end = end
        else:
            tokens.append(Token(Mark.TEXT, start, end))
        frame = self.frames[-1]
        frame.content += 1
        if frame.column < 0:
            frame.column = self._column(start)

    def _column(self, index: int) -> int:
        if self.text.places is None:
            return index - (self.value.rfind("\n", 0, index) + 1)
        return self.text.source.position(self.text.offset(index)).column - 1

    def _comments(self) -> tuple[Comment, ...]:
        return tuple(
            Comment(self.value[start:end].rstrip(), self.text.span(start, end))
            for start, end in self.remarks
        )

    def _clean(self) -> str:
        pieces, at = [], 0
        for start, end in self.remarks:
            pieces += [self.value[at:start], " " * (end - start)]
            at = end
        return "".join([*pieces, self.value[at:]]) if pieces else self.value

    # Segments, branches and statements

    def _segment(self) -> None:
        """The next lexeme begins a segment."""
        frame = self.frames[-1]
        frame.head, frame.word, frame.content = None, "", 0
        self.fresh = True

    def _branch(self, start: int, end: int) -> None:
        """A branch or a statement ends here."""
        frame = self.frames[-1]
        self._add(Mark.END, start, end)
        self._segment()
        frame.column = -1
        self.fresh = not frame.conditions
        self.starting = frame.kind == "chain" and self.statements

    def _line(self, start: int, end: int) -> None:
        frame = self.frames[-1]
        at = _skip(self.value, end)
        if at >= len(self.value) or self.value[at] in "|}" or not self.tokens:
            return
        last = self.tokens[-1].mark
        if frame.kind == "chain":
            ends = self.statements and last is not Mark.PIPE and self._column(at) == 0
        elif frame.kind in ("block", "group"):
            joined = last in (Mark.PIPE, Mark.COLON, Mark.COMMA, Mark.OPEN, Mark.END)
            ends = not joined and self._column(at) <= frame.column
        else:
            ends = False
        if ends and last is not Mark.END:
            self._branch(start, start)

    def _head(self, at: int, end: int, string: bool) -> int:
        """Lex the head of a segment; gives the index behind it."""
        value, frame = self.value, self.frames[-1]
        if frame.column < 0:
            frame.column = self._column(at)
        if self.starting:
            self.starting = False
            if let := _LET.match(value, at):
                self._add(Mark.LET, at, let.end())
                return let.end()
        self.fresh = False
        frame.segment = at
        if string and value[at] != "`":
            return self._headed(Mark.QUOTED, at, end)
        name = _NAME.match(value, at)
        if name and name.group() in BLOCKS and value.startswith("{", name.end()):
            slips.glued_block(name.group(), self._span(at, name.end()), self.reporter)
            return self._headed(Mark.WORD, at, name.end())
        endpoint = _ENDPOINT.match(value, at)
        if endpoint and is_path(endpoint.group()) and not self._group_at(at, endpoint.end()):
            return self._path(at, endpoint.end())
        if value[at] == "{":
            return self._open(Mark.OPEN, "group", at)
        if name:
            return self._headed(Mark.WORD, at, name.end())
        if value[at] in "\"'`" and not string:
            return self._unterminated(at)
        self._text(at, end)
        return end

    def _headed(self, mark: Mark, start: int, end: int) -> int:
        frame = self.frames[-1]
        frame.head, frame.word = mark, self.value[start:end]
        self._add(mark, start, end)
        return end

    def _group_at(self, at: int, end: int) -> bool:
        """Whether `{a.jsonl,b.jsonl}` is a group: nothing of a path stands behind it."""
        value = self.value
        return value[at] == "{" and value[end - 1] == "}" and value.find("}", at) == end - 1

    def _path(self, start: int, end: int) -> int:
        """An unquoted endpoint; one that a sign cuts in two is told to be quoted."""
        whole = slips.cut_endpoint(self.value, start, end, self.frames[-1].kind == "chain")
        if whole > end:
            slips.unquoted(self._span(start, whole), self.value[end], self.reporter)
            end = whole
        return self._headed(Mark.PATH, start, end)

    # Signs

    def _sign(self, sign: str, at: int, end: int) -> int:
        frame = self.frames[-1]
        if sign == "|":
            return self._pipe(at)
        if sign == "||":
            expression = frame.kind not in ("chain", "block", "group")
            condition = frame.head is Mark.WORD and frame.content
            following = _ENDPOINT.match(self.value, _skip(self.value, end))
            if expression or (condition and not (following and _FILE.search(following.group()))):
                self._text(at, end)
                return end
            return self._pipe(at)
        if sign == ";":
            return self._semicolon(at)
        if sign in "([{":
            blocked = sign == "{" and frame.head is Mark.WORD and not frame.content
            if blocked and frame.word in BLOCKS:
                return self._open(Mark.OPEN, "block", at, BLOCKS[frame.word])
            self._text(at, end)
            self.frames.append(_Frame(sign, at))
            return end
        if sign in ")]}":
            return self._close(sign, at)
        if sign == "," and frame.kind in ("block", "group", "chain"):
            return self._comma(at)
        if sign == ":" and frame.kind == "block":
            self._add(Mark.COLON, at, end)
            self._segment()
            return end
        self._text(at, end)
        return end

    def _open(self, mark: Mark, kind: str, at: int, conditions: bool = False) -> int:
        self.frames[-1].content += 1
        self.blocks += 1
        self._add(mark, at, at + 1)
        self.frames.append(_Frame(kind, at, conditions))
        self.fresh = not conditions
        return at + 1

    def _close(self, sign: str, at: int) -> int:
        frame = self.frames[-1]
        if frame.kind in _CLOSER and sign != _CLOSER[frame.kind]:
            if sign == "}" and any(f.kind in ("block", "group", "{") for f in self.frames):
                self._unclosed(frame, at)
                while self.frames[-1].kind in ("(", "["):
                    self.frames.pop()
                return self._close(sign, at)
            self._mismatch(frame, sign, at)
        if frame.kind in _CLOSER:
            self._text(at, at + 1)
            self.frames.pop()
            self.frames[-1].content += 1
            return at + 1
        if sign == "}" and frame.kind in ("block", "group"):
            self._add(Mark.CLOSE, at, at + 1)
            self.frames.pop()
            self.blocks -= 1
            self.fresh = False
            return at + 1
        slips.stray_closer(self._span(at, at + 1), self.reporter)
        self._add(Mark.BROKEN, at, at + 1)
        self.fresh = False
        return at + 1

    def _pipe(self, at: int) -> int:
        if self.frames[-1].kind in _CLOSER and slips.closes_soon(self.value, at):
            slips.pipe_in_brackets(self._span(at, at + 1), self.reporter)
            self._broken(at)
            self._text(at, at + 1)
            return at + 1
        self._leave_brackets(at)
        self._add(Mark.PIPE, at, at + 1)
        self._segment()
        return at + 1

    def _semicolon(self, at: int) -> int:
        self._leave_brackets(at)
        if self.frames[-1].kind == "chain" and not self.statements:
            slips.statement_inside(self._span(at, at + 1), self.reporter)
            self._add(Mark.PIPE, at, at + 1)
            self._segment()
            return at + 1
        self._branch(at, at + 1)
        return at + 1

    def _comma(self, at: int) -> int:
        frame = self.frames[-1]
        ends = (frame.kind == "group" and not self._more_keys(at)) or (
            frame.kind == "block"
            and not self.fresh
            and (
                (frame.head in (Mark.PATH, Mark.QUOTED) and not frame.content)
                or (frame.head is Mark.WORD and not frame.content)
                or self.tokens[-1].mark is Mark.CLOSE
                or _ELSE.match(self.value, at) is not None
            )
        )
        if ends:
            self._branch(at, at + 1)
        else:
            self._add(Mark.COMMA, at, at + 1)
            frame.content += 1
        return at + 1

    def _more_keys(self, at: int) -> bool:
        """Whether a comma in a group goes on with ``key a, b``: no file or URI follows it."""
        behind = self.value[self.frames[-1].segment : at]
        if not _KEYS.search(behind):
            return False
        following = _ENDPOINT.match(self.value, _skip(self.value, at + 1))
        return following is None or not _FILE.search(following.group())

    # Slips that concern brackets and quotes

    def _unclosed(self, frame: _Frame, at: int) -> None:
        opener = self.value[frame.start]
        slips.unclosed(self._span(frame.start, frame.start + 1), _CLOSER[opener], self.reporter)
        self._broken(at)

    def _mismatch(self, frame: _Frame, sign: str, at: int) -> None:
        slips.mismatched(
            self._span(frame.start, frame.start + 1), self._span(at, at + 1), sign, self.reporter
        )
        self._broken(at)

    def _leave_brackets(self, at: int) -> None:
        """A stage or a branch ends here: brackets that are still open are not closed."""
        frame = self.frames[-1]
        if frame.kind in _CLOSER:
            self._unclosed(frame, at)
            while self.frames[-1].kind in _CLOSER:
                self.frames.pop()

    def _unclosed_at_end(self) -> None:
        if len(self.frames) > 1:
            self._unclosed(self.frames[-1], len(self.value))

    def _unterminated(self, at: int) -> int:
        """A quote without its other half: the text may have meant to end before a pipe."""
        end = slips.unterminated_end(self.value, at)
        slips.unterminated(self._span(at, end), self.value[at], self.reporter)
        self._broken(at)
        self._text(at, end)
        self.fresh = False
        return end

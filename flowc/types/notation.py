"""Types as people write them: ``{id: int, tags: list<string>, note?: string?}``.

    type    = base {"?"}
    base    = scalar | "decimal" ["(" p ["," s] ")"] | "enum" "(" text {"," text} ")"
            | "list" "<" type ">" | "map" "<" type ">"
            | "union" "<" name ":" name "=" type {"," name "=" type} ">"
            | "{" [name ["?"] ":" type {"," name ["?"] ":" type}] ["," "..."] "}"
            | name
    name    = word | `odd name` | "odd name"

In ``union<kind: card = Card, cash = Cash>`` the text field ``kind`` tells the variant. A
word that is no type of the language is a `Ref`: whether it exists is asked later, by
`names.check_names`, once the project's types are known. ``null`` and ``never`` are
written only for what has been inferred.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowc.diagnostics.codes import declare
from flowc.diagnostics.reporter import Reporter
from flowc.model.diagnostic import Edit, Fix
from flowc.model.source import SourceFile, Span, Text
from flowc.model.types import (
    JSON,
    NEVER,
    NULL,
    POISON,
    STRING,
    DecimalType,
    EnumType,
    Field,
    ListType,
    MapType,
    Openness,
    Record,
    Ref,
    Type,
    Union,
    Variant,
    nullable,
)
from flowc.types.numeric import MOST_DIGITS
from flowc.types.show import label, quoted, show, show_field, show_lines, show_name
from flowc.types.tokens import Token, tokens_of, unquote
from flowc.types.words import BUILTINS, CONSTRUCTORS, generic, meant_by, sized

__all__ = ["label", "parse_type", "show", "show_field", "show_lines", "show_name", "type_of"]

MALFORMED = declare("FC0350", "malformed-type", "A written type cannot be read")
FOREIGN = declare("FC0352", "foreign-type", "A type is written as another language writes it")

#: How deep types may nest.
DEEPEST = 50

_MAP_NOTE = "for other keys use a list of records: `list<{key: int, value: string}>`"
_UNION_NOTE = "for example `union<kind: card = Card, cash = Cash>`"
_CLOSERS = {"<": ">", "[": "]", "(": ")", "{": "}"}


def parse_type(text: Text, reporter: Reporter) -> Type:
    """Read a type. What cannot be read is reported once, and gives `POISON`."""
    parser = _Parser(text, reporter)
    try:
        return parser.whole()
    except _Stop:
        return POISON


def type_of(notation: str) -> Type:
    """The type that a constant of this program writes down.

    Raises:
        ValueError: it cannot be read.
    """
    reporter = Reporter()
    type = parse_type(Text.whole(SourceFile("<type>", notation)), reporter)
    if reporter.has_errors:
        raise ValueError(f"not a type: {notation!r}")
    return type


class _Stop(Exception):
    """An error was reported; the rest of this text is not read."""


def _home(type: Type) -> Type:
    """In a form of another language, its words are meant as it means them."""
    return (meant_by(type.name) or type) if isinstance(type, Ref) else type


class _Parser:
    def __init__(self, text: Text, reporter: Reporter) -> None:
        self._text = text
        self._reporter = reporter
        self._tokens = tokens_of(text)
        self._at = 0
        self._depth = 0
        #: Inside `List[…]` and its like the words of that language are understood too.
        self._abroad = 0

    # Tokens

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        if token.kind != "end":
            self._at += 1
        return token

    def _is(self, text: str) -> bool:
        token = self._next
        return token.kind in ("punctuation", "word") and token.text == text

    def _accept(self, text: str) -> bool:
        if self._is(text):
            self._take()
            return True
        return False

    def _expect(self, text: str, where: str) -> None:
        if not self._accept(text):
            raise self._wrong(f"expected `{text}` {where}")

    def _span(self, start: int, end: int) -> Span:
        return self._text.span(start, end)

    def _since(self, start: int) -> Span:
        """From ``start`` to the end of the token read last."""
        return self._span(start, self._tokens[self._at - 1].end if self._at else start)

    def _wrong(
        self,
        message: str,
        token: Token | None = None,
        *,
        fixes: Sequence[Fix] = (),
        notes: Sequence[str] = (),
    ) -> _Stop:
        token = token or self._next
        found = "the type ends" if token.kind == "end" else f"found `{token.text[:40]}`"
        span = self._span(token.start, token.end)
        self._reporter.error(MALFORMED, message, span, at=found, notes=notes, fixes=fixes)
        return _Stop()

    # The grammar

    def whole(self) -> Type:
        if self._next.kind == "end":
            raise self._wrong("a type is missing", notes=("for example `int` or `{id: int}`",))
        type = self.type()
        token = self._next
        if token.kind == "punctuation" and token.text in ">])}":
            raise self._wrong(f"this `{token.text}` closes nothing")
        if token.kind != "end":
            raise self._wrong(
                "the type ends before this",
                notes=(f"what stands before it is the type `{show(type, width=60)}`",),
            )
        return type

    def type(self) -> Type:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong(
                f"types nest deeper than {DEEPEST} levels",
                notes=("give the inner part a name in a schema file",),
            )
        start = self._next.start
        type = self._suffixed(self._base(), start)
        self._depth -= 1
        return type

    def _suffixed(self, type: Type, start: int) -> Type:
        while True:
            if self._accept("?"):
                type = nullable(type)
            elif self._is("[") and self._tokens[self._at + 1].text == "]":
                self._take()
                self._take()
                type = ListType(_home(type))
                self._abroad_at(start, type)
            elif self._is("|"):
                type = self._alternatives(_home(type), start)
            else:
                return type

    def _alternatives(self, type: Type, start: int) -> Type:
        """``T | None`` of other languages is understood; other unions have no tag."""
        bar = self._take()
        self._abroad += 1
        other = _home(self.type())
        self._abroad -= 1
        if other == NULL or type == NULL:
            meant = nullable(type if other == NULL else other)
            self._abroad_at(start, meant)
            return meant
        raise self._wrong(
            "a union needs a field that tells its variants",
            bar,
            notes=(
                "write `union<kind: card = Card, cash = Cash>`, where the field `kind` holds"
                " `card` or `cash`; or `json` for values of any kind",
            ),
        )

    def _base(self) -> Type:
        token = self._next
        if token.kind == "word":
            return self._word()
        if token.kind == "backtick":
            self._take()
            return Ref(token.text[1:-1], self._span(token.start, token.end))
        if self._is("{"):
            return self._record()
        if self._is("?") and self._tokens[self._at + 1].kind == "word":
            self._take()
            type = nullable(_home(self.type()))
            self._abroad_at(token.start, type)
            return type
        if token.kind == "string":
            raise self._wrong(
                "expected a type, not a text",
                fixes=self._replace(
                    token, f"enum({quoted(self._unquote(token))})", "write an enum of one value"
                ),
            )
        raise self._wrong("expected a type")

    def _word(self) -> Type:
        token = self._take()
        word, bracket = token.text, self._next
        opens = bracket.kind == "punctuation" and bracket.text in ("<", "[", "(")
        if opens and not (bracket.text == "[" and self._tokens[self._at + 1].text == "]"):
            return self._with_arguments(token, bracket)
        if word == "never":
            return NEVER
        known = BUILTINS.get(word)
        if known is not None:
            return known
        type = Ref(word, self._span(token.start, token.end))
        return _home(type) if self._abroad else type

    def _with_arguments(self, token: Token, bracket: Token) -> Type:
        word = token.text
        if word == "decimal" and bracket.text == "(":
            return self._decimal()
        if word == "enum" and bracket.text == "(":
            return self._enum()
        if word in ("list", "map") and bracket.text == "<":
            return self._collection(token)
        if word == "union" and bracket.text == "<":
            return self._union()
        return self._foreign(token)

    def _collection(self, token: Token) -> Type:
        self._take()
        key = self._next
        item = self.type()
        if token.text == "map" and self._accept(","):
            if _home(item) != STRING:
                raise self._wrong("the keys of a map are strings", key, notes=(_MAP_NOTE,))
            type = MapType(self.type())
            self._expect(">", "to close `map<`")
            self._abroad_at(token.start, type)
            return type
        self._expect(">", f"to close `{token.text}<`")
        return ListType(item) if token.text == "list" else MapType(item)

    def _decimal(self) -> Type:
        self._take()
        precision = self._digits("the number of digits")
        scale = self._digits("the digits behind the point") if self._accept(",") else None
        self._expect(")", "to close `decimal(`")
        digits = int(precision.text)
        behind = int(scale.text) if scale else 0
        if not 1 <= digits <= MOST_DIGITS:
            raise self._wrong(f"a decimal has 1 to {MOST_DIGITS} digits", precision)
        if behind > digits:
            raise self._wrong(f"a decimal of {digits} digits has at most {digits} behind", scale)
        return DecimalType(digits, behind)

    def _digits(self, what: str) -> Token:
        if self._next.kind != "number" or len(self._next.text) > 9:
            raise self._wrong(f"expected {what}", notes=("for example `decimal(10, 2)`",))
        return self._take()

    def _enum(self) -> Type:
        self._take()
        values: list[str] = []
        while not self._is(")"):
            token = self._next
            if token.kind == "word":
                raise self._wrong(
                    "the values of an enum are texts",
                    fixes=self._replace(token, quoted(token.text), "quote the value"),
                )
            if token.kind != "string":
                raise self._wrong("expected a text", notes=('for example `enum("a", "b")`',))
            value = self._unquote(self._take())
            if value in values:
                raise self._wrong(f"{quoted(value)} stands twice in the enum", token)
            values.append(value)
            if not self._accept(","):
                break
        self._expect(")", "to close `enum(`")
        if not values:
            raise self._wrong("an enum has at least one value", self._tokens[self._at - 1])
        return EnumType(tuple(values))

    def _union(self) -> Type:
        self._take()
        discriminator = self._name("the field that tells the variants")
        if not self._accept(":"):
            raise self._wrong("expected `:` behind the field that tells", notes=(_UNION_NOTE,))
        variants: list[Variant] = []
        while not self._is(">"):
            token = self._next
            tag = self._name("a variant")
            if not self._accept("="):
                raise self._wrong(f"expected `=` behind `{show_name(tag)}`", notes=(_UNION_NOTE,))
            if any(variant.tag == tag for variant in variants):
                raise self._wrong(f"the variant `{show_name(tag)}` stands twice", token)
            variants.append(Variant(tag, self.type()))
            if not self._accept(","):
                break
        self._expect(">", "to close `union<`")
        if not variants:
            raise self._wrong(
                "a union has at least one variant", self._tokens[self._at - 1], notes=(_UNION_NOTE,)
            )
        return Union(discriminator, tuple(variants))

    def _record(self) -> Type:
        opening = self._take()
        fields: list[Field] = []
        openness = Openness.CLOSED
        while not self._is("}"):
            if self._accept("...") or self._accept("…"):
                openness = Openness.REST
                self._accept(",")
                if not self._is("}"):
                    raise self._wrong("`...` stands last in a record")
                break
            token = self._next
            field = self._field()
            if any(other.name == field.name for other in fields):
                raise self._wrong(f"the field `{show_name(field.name)}` stands twice", token)
            fields.append(field)
            if not self._accept(","):
                break
        if not self._is("}"):
            raise self._wrong("expected `,` or `}` behind a field")
        self._take()
        return Record(tuple(fields), openness, None, self._since(opening.start))

    def _field(self) -> Field:
        start = self._next.start
        name = self._name("a field")
        dash = self._next
        if self._is("-"):
            while self._next.kind in ("word", "number") or self._is("-"):
                self._take()
            odd = self._span(start, self._tokens[self._at - 1].end)
            raise self._wrong(
                "a name with a dash is quoted",
                dash,
                fixes=(Fix("quote the name", (Edit(odd, show_name(odd.text)),)),),
            )
        optional = self._accept("?")
        if not self._accept(":"):
            raise self._wrong(
                f"expected `:` and a type behind `{show_name(name)}`",
                notes=("for example `{id: int, note?: string}`",),
            )
        place = self._span(start, dash.start).text.rstrip()
        type_ = self.type()
        return Field(name, type_, optional).because(
            "was declared", self._span(start, start + len(place))
        )

    def _name(self, what: str) -> str:
        token = self._next
        match token.kind:
            case "word":
                self._take()
                return token.text
            case "backtick":
                self._take()
                return token.text[1:-1]
            case "string":
                self._take()
                return self._unquote(token)
            case _:
                raise self._wrong(f"expected the name of {what}")

    def _unquote(self, token: Token) -> str:
        try:
            return unquote(token.text)
        except ValueError as error:
            raise self._wrong(
                f"unknown escape `{error}` in a text",
                token,
                notes=("the escapes are `\\\\ \\\" \\' \\n \\r \\t \\u{…}`",),
            ) from None

    # Other languages

    def _abroad_at(self, start: int, meant: Type) -> None:
        """Report the form that was just read, unless it stands inside another such form."""
        if self._abroad:
            return
        span = self._since(start)
        written = " ".join(self._text.value[start : self._tokens[self._at - 1].end].split())
        self._reporter.error(
            FOREIGN,
            f"`{written[:60]}` is written `{show(meant, width=60)}` here",
            span,
            fixes=(Fix(f"write `{show(meant, width=60)}`", (Edit(span, show(meant)),)),),
        )

    def _foreign(self, token: Token) -> Type:
        opening = self._take()
        closer = _CLOSERS[opening.text]
        word = token.text
        if opening.text == "(":
            sizes: list[int] = []
            while self._next.kind == "number" and len(self._next.text) <= 9:
                sizes.append(int(self._take().text))
                if not self._accept(","):
                    break
            self._expect(closer, f"to close `{word}(`")
            meant = sized(word, tuple(sizes))
            if meant is None:
                raise self._wrong(f"`{word}` takes no arguments", opening)
            self._abroad_at(token.start, meant)
            return meant
        form = generic(word)
        if form is None:
            raise self._wrong(
                f"`{word}` takes no arguments",
                opening,
                notes=(
                    _UNION_NOTE
                    if word.casefold() == "union"
                    else f"those that do: {', '.join(f'`{name}`' for name in CONSTRUCTORS)}",
                ),
            )
        self._abroad += 1
        arguments = [self.type()]
        while self._accept(","):
            if self._accept("..."):
                break
            arguments.append(self.type())
        self._expect(closer, f"to close `{word}{opening.text}`")
        self._abroad -= 1
        last = arguments[-1]
        if form == "?":
            meant = nullable(last)
        elif form == "list":
            meant = ListType(arguments[0] if all(a == last for a in arguments) else JSON)
        elif len(arguments) == 2 and arguments[0] != STRING:
            raise self._wrong("the keys of a map are strings", token, notes=(_MAP_NOTE,))
        else:
            meant = MapType(last)
        self._abroad_at(token.start, meant)
        return meant

    def _replace(self, token: Token, text: str, title: str) -> tuple[Fix, ...]:
        return (Fix(title, (Edit(self._span(token.start, token.end), text),)),)

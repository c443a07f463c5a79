"""Where a C++ source can be bent, and how: sites() lists the mutants of one file, draw() takes a stable sample of many.

It works on tokens. Comments, strings, preprocessor lines, declarations, bodies of types and logging stay as they are. Layout
tells operators from other uses of the same characters: clang-format puts spaces around a binary `<` or `&&` and none around the
brackets of a template or a reference. What does not compile is found out later (tools/mutants.py).

Not mutated, because nothing can observe it: `reserve()` of a container. Conditions that declare a variable are not negated: the
pointer that was asked about would be used.
"""
import bisect
import hashlib
import math
import re
from collections import Counter
from dataclasses import dataclass

TOKEN = re.compile(r"""
    (?P<skip>//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*|\s+)
  | (?P<string>(?:u8|[uUL])?R"(?P<fence>[^(\s]*)\(.*?\)(?P=fence)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
  | (?P<number>\d[\w.']*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark><=>|::|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\[\[|\]\]|.)
""", re.X | re.S | re.M)

SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
JOINS = {"&&": "||", "||": "&&"}
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}", "[[": "]]"}, {")", "]", "}", "]]"}
NO_STATEMENT = set("""return if for while do switch case default break continue throw using typedef static const constexpr auto else
    try catch co_return co_await goto namespace struct class enum union template public private protected delete friend
    static_assert""".split())
LOGGING = {"spdlog", "static_assert"}
TIME_WORDS = {"chrono", "hours", "minutes", "seconds", "milliseconds", "days"}
TIME_NUMBER = re.compile(r"(\d[\d']*)(h|min|s|ms|us)?$")
TERM_ENDS = {"&&", "||", "?", ":", ",", ";", "=", "return", "if", "while"}


@dataclass(frozen=True)
class Mutant:
    file: str
    line: int
    operator: str
    start: int  # what is replaced, in characters of the file
    end: int
    new: str
    old: str
    before: str  # the lines that are touched, on one line, and what becomes of them
    after: str
    nth: int = 0  # of those that look the same

    def key(self):
        return self.file, self.operator, self.before, self.after

    def id(self):
        return self.hash("")[:8]

    def hash(self, seed):
        return hashlib.sha256("\0".join([str(seed), *self.key(), str(self.nth)]).encode()).hexdigest()

    def applied_to(self, text):
        return text[:self.start] + self.new + text[self.end:]


@dataclass
class Token:
    kind: str
    text: str
    start: int
    end: int
    partner: int = -1  # of a bracket
    inside: int = -1  # the bracket around it
    in_code: bool = False  # in a function or an initialiser, not in the body of a type


def one_line(text):
    return " ".join(text.split())


def tokens_of(text):
    out = [Token(m.lastgroup if m.lastgroup != "fence" else "string", m.group(), m.start(), m.end())
           for m in TOKEN.finditer(text) if not m.group("skip")]
    stack = []
    for i, token in enumerate(out):
        if token.text in CLOSE and token.kind == "mark" and stack:
            token.partner = stack.pop()
            out[token.partner].partner = i
        token.inside = stack[-1] if stack else -1
        token.in_code = any(opens_code(out, at) for at in stack)
        if token.text in OPEN and token.kind == "mark":
            stack.append(i)
    return out


def opens_code(tokens, at):
    """Whether the brace at `at` opens a function, a block or an initialiser, and not a namespace or the body of a type."""
    if tokens[at].text != "{":
        return False
    words = []
    i = at - 1
    while i >= 0 and tokens[i].text not in (";", "{", "}"):
        if tokens[i].text == ")":  # template arguments and parameters say `class` too
            return True
        words.append(tokens[i].text)
        i -= 1
    return not {"namespace", "struct", "class", "enum", "union"} & set(words)


class File:
    def __init__(self, name, text):
        self.name, self.text = name, text
        self.tokens = tokens_of(text)
        self.lines = [0] + [m.end() for m in re.finditer("\n", text)]
        self.starts = [i for i in range(len(self.tokens)) if self.is_statement_start(i)]
        self.start_set = set(self.starts)
        self.found = []

    def has(self, i, *texts):
        return 0 <= i < len(self.tokens) and self.tokens[i].text in texts

    def is_statement_start(self, i):
        tokens, before = self.tokens, i - 1
        if before < 0:
            return True
        if tokens[i].inside >= 0 and tokens[tokens[i].inside].text != "{":
            return False
        if tokens[before].text in (";", "{", "}", "else", "do"):
            return True
        if tokens[before].text == ":":  # of a case
            back = before
            while back > 0 and not self.has(back, ";", "{", "}", "case", "default", "?"):
                back -= 1
            return self.has(back, "case", "default")
        return self.has(before, ")") and self.has(tokens[before].partner - 1, "if", "for", "while", "switch", "constexpr")

    def statement_start(self, i):
        """The first token of the statement in which `i` stands."""
        return self.starts[max(0, bisect.bisect_right(self.starts, i) - 1)]

    def whole_statement(self, i):
        """The same, but from inside the braces of `kLasts{14}` the whole of it."""
        brace = self.tokens[i].inside
        is_initialiser = brace > 0 and opens_code(self.tokens, brace) and self.tokens[brace - 1].kind == "word"
        return self.statement_start(brace - 1 if is_initialiser else i)

    def is_left_alone(self, i):
        start = self.statement_start(i)
        return self.tokens[start].text in LOGGING or self.has(start, "using", "template", "BOOST_DESCRIBE_STRUCT")

    def line_of(self, position):
        return bisect.bisect_right(self.lines, position)

    def add(self, operator, start, end, new):
        first = self.lines[self.line_of(start) - 1]
        last = self.text.find("\n", end)
        last = len(self.text) if last < 0 else last
        before = one_line(self.text[first:last])
        after = one_line(self.text[first:start] + new + self.text[end:last])
        self.found.append(Mutant(self.name, self.line_of(start), operator, start, end, new, one_line(self.text[start:end]), before,
                                 after))

    def replace(self, operator, i, new):
        self.add(operator, self.tokens[i].start, self.tokens[i].end, new)

    def is_spaced(self, i):
        token = self.tokens[i]
        return self.text[token.start - 1].isspace() and self.text[token.end:token.end + 1].isspace()

    # The operators, each on one token.

    def comparison(self, i):
        text = self.tokens[i].text
        if text in SWAPS and self.is_spaced(i) and not self.has(i - 1, "operator"):
            self.replace("boundary" if text[0] in "<>" else "equality", i, SWAPS[text])

    def join(self, i):
        text = self.tokens[i].text
        if text not in JOINS or not self.is_spaced(i):
            return
        self.replace("and-or", i, JOINS[text])
        left, right = self.before_ends(i - 1, TERM_ENDS), self.term_end(i)
        self.add("term", self.tokens[i - 1].end, self.tokens[right].end, "")
        if not self.has(left - 1, "&&", "||"):
            self.add("term", self.tokens[left].start, self.tokens[i + 1].start, "")

    def before_ends(self, at, ends):
        """The first token of the part of an expression that ends with the token `at`."""
        while True:
            if self.tokens[at].text in CLOSE:
                at = self.tokens[at].partner
            if at == 0 or self.tokens[at - 1].text in ends or self.tokens[at - 1].text in OPEN:
                return at
            at -= 1

    def term_end(self, i):
        at = i + 1
        while True:
            if self.tokens[at].text in OPEN:
                at = self.tokens[at].partner
            if self.tokens[at + 1].text in TERM_ENDS or self.tokens[at + 1].text in CLOSE:
                return at
            at += 1

    def negation(self, i):
        if self.has(i, "if", "while") and self.has(i + 1, "("):
            first, last = i + 2, self.tokens[i + 1].partner - 1
            for at in range(first, last):
                if self.has(at, ";") and self.tokens[at].inside == i + 1:
                    first = at + 1
            inner = [t.text for t in self.tokens[first:last + 1] if t.inside == i + 1]
            if "=" in inner:
                return
            joined = "&&" in inner or "||" in inner
            if not joined and (inner[0] == "!" or set(inner) & {"==", "!="}):
                return  # the same as another operator
            self.add("negation", self.tokens[first].start, self.tokens[last].end,
                     f"!({self.text[self.tokens[first].start:self.tokens[last].end]})")
        elif self.has(i, "?"):
            first, last = self.before_ends(i - 1, TERM_ENDS - {"&&", "||"}), i - 1
            self.add("negation", self.tokens[first].start, self.tokens[last].end,
                     f"!({self.text[self.tokens[first].start:self.tokens[last].end]})")

    def not_dropped(self, i):
        if self.has(i, "!"):
            self.replace("not", i, "")

    def truth(self, i):
        if self.has(i, "true", "false") and self.tokens[i].kind == "word":
            self.replace("truth", i, "false" if self.has(i, "true") else "true")

    def reason(self, i):
        named = self.has(i, "Reason") and self.has(i + 1, "::") and not self.has(i + 2, "none")
        before = i - 2 if self.has(i - 1, "::") else i  # policy::Reason
        if named and not self.has(before - 1, "==", "!=", "case"):
            self.replace("reason", i + 2, "none")

    def statement(self, i):
        if i not in self.start_set:
            return
        if self.has(i, "if") and self.has(i + 1, "("):
            end = self.guard_end(self.tokens[i + 1].partner + 1)
            if end and not self.has(end + 1, "else"):
                self.add("guard", self.tokens[i].start, self.tokens[end].end, ";")
        elif self.tokens[i].text not in NO_STATEMENT and not self.is_declaration(i):
            end = self.end_of(i)
            if end and end > i and not self.is_reserve(i, end):
                self.add("statement", self.tokens[i].start, self.tokens[end].end, ";")

    def guard_end(self, i):
        if self.has(i, "return", "continue", "break"):
            return self.end_of(i)
        if not self.has(i, "{"):
            return None
        last = [at for at in self.starts if i < at < self.tokens[i].partner and self.tokens[at].inside == i]
        return self.tokens[i].partner if last and self.has(last[-1], "return", "continue", "break") else None

    def end_of(self, i):
        """The semicolon that ends the statement."""
        depth = self.tokens[i].inside
        for at in range(i, len(self.tokens)):
            if self.tokens[at].inside == depth and self.has(at, ";"):
                return at
            if at == self.tokens[depth].partner:
                return None
        return None

    def is_declaration(self, i):
        """`Type name`, `ns::Type<of> name`, `Type& name`: two words in a row, references and templates aside."""
        if self.tokens[i].kind != "word":
            return not self.has(i, "(", "*", "++", "--")
        at = i + 1
        while self.has(at, "::") and at + 1 < len(self.tokens):
            at += 2
        if self.has(at, "<") and not self.is_spaced(at):
            depth = 0
            while at < len(self.tokens):
                depth += {"<": 1, ">": -1, ">>": -2}.get(self.tokens[at].text, 0)
                at += 1
                if depth <= 0:
                    break
            while self.has(at, "::"):
                at += 2
        while self.has(at, "&", "*", "&&", "const"):
            at += 1
        return self.tokens[at].kind == "word" or self.has(at, "{", ":") or self.has(i + 1, "[[")

    def is_reserve(self, i, end):
        return any(self.has(at, "reserve") for at in range(i, end))

    def time_constant(self, i):
        """One that has a name: what is only handed to a call, a patience or a pause, is tuning."""
        parts = TIME_NUMBER.match(self.tokens[i].text)
        before = [token.text for token in self.tokens[self.whole_statement(i):i]]
        if self.tokens[i].kind != "number" or not parts or "constexpr" not in before:
            return
        if parts.group(2) or TIME_WORDS & set(before):
            value = int(parts.group(1).replace("'", ""))
            for other in (value + 1, value - 1):
                self.replace("time", i, f"{other}{parts.group(2) or ''}")

    def mutants(self):
        in_code = (self.comparison, self.join, self.negation, self.not_dropped, self.truth, self.reason, self.statement)
        for i, token in enumerate(self.tokens):
            if token.kind == "string" or self.is_left_alone(i):
                continue
            if token.in_code:
                for operator in in_code:
                    operator(i)
            self.time_constant(i)
        seen = Counter()
        out = []
        for one in self.found:
            out.append(Mutant(**{**one.__dict__, "nth": seen[one.key()]}))
            seen[one.key()] += 1
        return out


def sites(name, text):
    return File(name, text).mutants()


def draw(mutants, seed):
    """All of them in the order in which they are taken. Each file gives one, then a file with four times the sites gives two for one;
    each gives one of each of its operators first. A mutant's place comes from the text near it, never from its line number."""
    in_order = []
    for file in sorted({one.file for one in mutants}):
        groups = {}
        for one in sorted((one for one in mutants if one.file == file), key=lambda one: one.hash(seed)):
            groups.setdefault(one.operator, []).append(one)
        turns = sorted((turn, one.hash(f"{seed} turn"), one) for group in groups.values() for turn, one in enumerate(group))
        in_order += [(place / math.sqrt(len(turns)), one.hash(seed), one) for place, (_, _, one) in enumerate(turns)]
    return [one for _, _, one in sorted(in_order, key=lambda entry: entry[:2])]

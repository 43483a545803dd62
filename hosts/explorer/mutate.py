# SPDX-License-Identifier: MIT
"""mutate.py: the statements of the library's source, and copies of it that lack one.

It reads C as this tree is formatted: a function's name, its `{` and its `}` stand at column 0. A
copy has the lines of the original, so that only what was taken out differs.
"""
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.M | re.S)
FUNCTION_NAME = re.compile(r'^(\w+)\(', re.M)
HEAD = re.compile(r'(?:if|while|for|switch)\s*(?=\()')
PASSED_OVER = re.compile(r'[{};]|else\b|do\b|(?:case\b[^:]*|default|\w+)\s*:')
DECLARATION = re.compile(r'(?:const|static|struct|enum|unsigned|bool|char|int|\w+_t|salvo_pte)\b')
UPDATE = re.compile(r'\b(?:salvo_atomic_(?:add|or|and|exchange|compare_exchange)'
                    r'|salvo_port_irq_save)\(')
ATOMIC = re.compile(r'\bsalvo_atomic_(\w+)\(')


class Statement(NamedTuple):
    """A statement that does something; or a declaration that does, whose initial value is taken."""
    file: str
    function: str
    text: str
    number: int  # of its like in the function, from 1
    start: int
    end: int
    kind: str  # 'effect' or 'jump'
    without: str  # what stands there instead, newlines apart

    @property
    def name(self):
        """name: what it is called in tables and in the file of reasons."""
        number = f' #{self.number}' if self.number > 1 else ''
        return f'{self.file} {self.function}: {self.text}{number}'


def blank(match):
    return re.sub(r'[^\n]', ' ', match.group())


def masked(source):
    """masked: the source with blanks for comments, texts and directives."""
    return DIRECTIVE.sub(blank, COMMENT_OR_TEXT.sub(blank, source))


def closing(code, at, until):
    """closing: past the bracket that closes the one at `at`; or past `until` outside of any."""
    depth = 0
    for i in range(at, len(code)):
        if code[i] in '([{':
            depth += 1
        elif code[i] in ')]}':
            depth -= 1
        if depth == 0 and code[i] in until:
            return i + 1
    raise ValueError('brackets do not match')


def bodies(code):
    """bodies: name, start and end of each function's body."""
    for match in re.finditer(r'^\{$', code, re.M):
        names = FUNCTION_NAME.findall(code, 0, match.start())
        yield names[-1], match.end(), code.index('\n}', match.end())


def simple_statements(code, at, end):
    """simple_statements: start and end of all that are no block and have none."""
    while True:
        at += len(code[at:end]) - len(code[at:end].lstrip())
        if at >= end:
            return
        head, over = HEAD.match(code, at), PASSED_OVER.match(code, at)
        if head:
            at = closing(code, head.end(), ')')
        elif over:
            at = over.end()
        else:
            start, at = at, closing(code, at, ';')
            yield start, at


def classify(code, start, end, last):
    """classify: a statement's kind, and what replaces it; None: it does nothing by itself."""
    text = code[start:end]
    if re.match(r'(?:return|break|continue|goto)\b', text):
        return None if last and text != 'return;' else ('jump', ';')
    if not DECLARATION.match(text):
        return None if text.startswith('(void)') else ('effect', ';')
    value = text.find('=')
    if value < 0 or not UPDATE.search(text, value):
        return None
    return 'effect', text[:value] + '= {0};'


def statements(root, file):
    """statements: those of one file of src/ that do something."""
    source = (root / 'src' / file).read_text()
    code = masked(source)
    found = []
    for function, start, end in bodies(code):
        seen = {}
        spans = list(simple_statements(code, start, end))
        for span in spans:
            kind = classify(code, *span, last=not code[span[1]:end].strip())
            text = ' '.join(source[span[0]:span[1]].split())
            if kind:
                seen[text] = seen.get(text, 0) + 1
                found.append(Statement(file, function, text, seen[text], *span, *kind))
    return found


def all_statements(root):
    files = sorted(p.name for p in (root / 'src').glob('*.[ch]'))
    return [s for file in files for s in statements(root, file)]


def without(root, statement):
    """without: the source of the statement's file, without it."""
    source = (root / 'src' / statement.file).read_text()
    lines = '\n' * source.count('\n', statement.start, statement.end)
    return source[:statement.start] + statement.without + lines + source[statement.end:]


def drawn(seed, found):
    """drawn: the statements in an order that depends on the seed; one more, or less, leaves the
    order of the others as it was."""
    return sorted(found, key=lambda s: hashlib.sha256(f'{seed} {s.name}'.encode()).digest())


# ---- Orderings ----

WEAKER = {
    'load_acquire': ['load'],
    'store_release': ['store'],
    'fence': ['fence_acquire', 'fence_release', None],
    'fence_after_update': [None],
    'fence_acquire': [None],
    'fence_release': [None],
}


def expansions(header):
    """expansions: what each atomic operation is to the explorer, by its name; None is nothing."""
    text = header.read_text().replace('\\\n', ' ')
    defined = dict(re.findall(r'^#define salvo_atomic_(\w+)\([^)]*\)\s+(.*)$', text, re.M))
    for name, body in defined.items():
        same = re.fullmatch(r'salvo_atomic_(\w+)\(\)', body)
        if same:
            defined[name] = defined[same.group(1)]
    defined[None] = '((void)0)'
    return defined


def orderings(root, header):
    """orderings: fences that can be missed, and how many weaker orders of each operation can not:
    the explorer takes the weaker one for the same."""
    expand = expansions(header)
    same = {}
    for path in sorted((root / 'src').glob('*.[ch]')):
        for operation in ATOMIC.findall(masked(path.read_text())):
            for weaker in WEAKER.get(operation, []):
                if expand[weaker] == expand[operation]:
                    key = f'{operation} as {weaker or "nothing"}'
                    same[key] = same.get(key, 0) + 1
                elif expand[weaker] != expand[None]:
                    raise ValueError(f'the explorer tells {weaker} from nothing; this does not')
    fences = [s for s in all_statements(root)
              if (m := re.fullmatch(r'salvo_atomic_(fence\w*)\(\);', s.text))
              and expand[m.group(1)] != expand[None]]
    return fences, same


# ---- Reasons ----

KINDS = ('weaker', 'costs', 'equivalent', 'unexplored')


class Reason(NamedTuple):
    kind: str
    text: str


def reasons(path):
    """reasons: why a mutant may survive, by its name. Names stand at column 0; the reason for them
    follows, indented, and begins with its kind."""
    found, names, text = {}, [], ''
    for line in path.read_text().splitlines() + ['end:']:
        if line.startswith('#') or not line.strip():
            continue
        if line[0] in ' \t':
            text += ' ' + line.strip()
            continue
        if text:
            kind, _, why = text.strip().partition(': ')
            if kind not in KINDS or not why:
                raise ValueError(f'{path.name}: no reason in "{text.strip()}"')
            found.update((name, Reason(kind, why)) for name in names)
            names, text = [], ''
        names.append(line.strip())
    if names != ['end:']:
        raise ValueError(f'{path.name}: no reason for {names[0]}')
    return found

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every row of the machine's tables held by a test?

Changes one cell or drops one row of a table in fsm/*.h at a time, compiles what includes that
header, and runs the unit tests of fsm/ with it. Prints a line for each mutant: caught, and by which
test, or SURVIVED. A mutant that does not compile counts as caught only where the compiler is the
test: a transition that is missing. Ends with 1 when a mutant survives.

  rows.py [--only TEXT...] --source DIR --library FILE.c... --test FILE.c... [--test ...]
          --compile CC FLAG... --link FLAG...

--library is fsm/ and base/; each --test is one program. --only takes the mutants whose line holds
all of the texts. ROWS_JOBS in the environment is how many run at once.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

TIME_MAX = 60  # seconds for one test program: a mutant may run for ever, a machine be busy
ROWS_LEAST = 3  # in a table; fewer means that the parser has lost it


class Trouble(Exception):
    """Not a matter of a mutant: the run is worth nothing."""


class CompileError(Exception):
    """The mutant is no program."""


# --- the tables ------------------------------------------------------------------------------


class Header:
    """A header, and where its tables, their rows and the cells of these are."""

    def __init__(self, source, path):
        self.path = path
        self.text = (source / path).read_text(encoding="utf-8")

    def rows(self, table):
        """For each row the span of ON(...), and the spans of its cells."""
        found = re.search(rf"#define {table}\(.*?(?<!\\)\n", self.text, re.DOTALL)
        if not found:
            raise Trouble(f"{self.path} has no {table}")
        at, end = self.text.index("\n", found.start()), found.end()
        rows = []
        while True:
            start = self.text.find("ON(", at, end)
            if start < 0:
                break
            cells, at = self._cells(start + len("ON("))
            rows.append(((start, at), cells))
        if len(rows) < ROWS_LEAST:
            raise Trouble(f"{self.path}: {table} has {len(rows)} rows")
        return rows

    def _cells(self, at):
        """The spans from AT to the parenthesis that closes the row, and where that ends."""
        cells, start, depth, quoted = [], at, 0, False
        while True:
            char = self.text[at]
            if quoted:
                at += char == "\\"
                quoted = char != '"'
            elif char == '"':
                quoted = True
            elif char == "(":
                depth += 1
            elif depth > 0:
                depth -= char == ")"
            elif char in ",)":
                cells.append(self._trimmed(start, at))
                start = at + 1
                if char == ")":
                    return cells, at + 1
            at += 1

    def _trimmed(self, start, end):
        while start < end and self.text[start] in " \t\\\n":
            start += 1
        while end > start and self.text[end - 1] in " \t\\\n":
            end -= 1
        return start, end

    def cell(self, span):
        return self.text[span[0] : span[1]]

    def names(self, table):
        """The first cell of each row."""
        return [self.cell(cells[0]) for _, cells in self.rows(table)]

    def enum(self, tag, prefix):
        """The names of an enum that is written out, without their PREFIX."""
        body = re.search(rf"enum {tag} \{{(.*?)\}}", self.text, re.DOTALL)
        if not body:
            raise Trouble(f"{self.path} has no enum {tag}")
        plain = re.sub(r"/\*.*?\*/", "", body.group(1), flags=re.DOTALL)
        return re.findall(rf"\b{prefix}(\w+)", plain)


class Mutant:
    def __init__(self, header, table, row, what, span, text, must_not_compile=False):
        self.path = header.path
        self.table = table
        self.must_not_compile = must_not_compile
        self.line = f"{table} {row}: {what}"
        self.text = header.text[: span[0]] + text + header.text[span[1] :]

    def write(self, folder):
        (folder / self.path).parent.mkdir(parents=True)
        (folder / self.path).write_text(self.text, encoding="utf-8")


def others(value, values):
    """The value after VALUE, and so on round the list; two rows may have the same."""
    at = values.index(value)
    return [other for other in values[at + 1 :] + values[:at] if other != value]


def number(value):
    return [str(int(value) + 1)]


def flag(value):
    return others(value, ["false", "true"])


def one_of(values):
    return lambda value: others(value, values)[:1]


def any_of(values):
    return lambda value: others(value, values)


def one_bit_less(value):
    """Each of the bits in VALUE left out, and 0 left alone."""
    have = [] if value == "0" else re.split(r"\s*\|\s*", value)
    for bit in have:
        yield " | ".join(b for b in have if b != bit) or "0"


def toggled(bits):
    """One set of bits after the other: each has one bit more, or one less."""

    def sets(value):
        have = [] if value == "0" else re.split(r"\s*\|\s*", value)
        for bit in bits:
            change = [b for b in have if b != bit] if bit in have else have + [bit]
            yield " | ".join(change) or "0"

    return sets


def flipped(bits):
    """One of BITS the other way, but that of none; the value is any expression."""
    return lambda value: [f"({value}) ^ ({bit})" for bit in bits[1:]]


def cells_of(header, table, names, columns):
    """A mutant for each row and each of COLUMNS: (number, title, what else it may be)."""
    for _, cells in header.rows(table):
        row = " ".join(header.cell(cells[i]) for i in names)
        for column, title, values in columns:
            value = header.cell(cells[column])
            for other in values(value):
                what = f"{title} {value} -> {other}"
                yield Mutant(header, table, row, what, cells[column], other)


def dropped(header, table, names, must_not_compile=False):
    for span, cells in header.rows(table):
        row = " ".join(header.cell(cells[i]) for i in names)
        yield Mutant(header, table, row, "dropped", span, "", must_not_compile)


def all_mutants(source):
    bag = Header(source, "fsm/bag.h")
    fsm = Header(source, "fsm/fsm.h")
    hook = Header(source, "fsm/hook.h")
    marker = Header(source, "fsm/marker.h")
    order = Header(source, "fsm/order.h")
    op = Header(source, "fsm/op.h")
    port = Header(source, "fsm/port.h")
    reason = Header(source, "fsm/reason.h")
    record = Header(source, "fsm/record.h")
    request = Header(source, "fsm/request.h")
    rules = Header(source, "fsm/rules.h")
    stand = Header(source, "fsm/stand.h")
    ticket = Header(source, "fsm/ticket.h")
    reasons = reason.names("FSM_REASONS")
    ops = op.names("FSM_OPS")
    orders = [order.cell(cells[1]) for _, cells in order.rows("FSM_ORDERS")]
    owners = op.enum("fsm_owner", "FSM_OWNER_")
    writes = request.names("FSM_WRITES")
    steps = port.enum("fsm_port_step", "FSM_PORT_DO_")
    texts = [op.cell(cells[1]) for _, cells in op.rows("FSM_OPS")]
    nouns = [op.cell(cells[2]) for _, cells in op.rows("FSM_OPS")]
    kinds = [op.cell(cells[3]) for _, cells in op.rows("FSM_OPS")]
    traits = ["FSM_HOOK_" + name for name in hook.enum("fsm_hook_trait", "FSM_HOOK_")]

    yield from dropped(rules, "FSM_RULES", (0, 1, 2, 3))
    yield from cells_of(rules, "FSM_RULES", (0, 1, 2, 3), (
        (1, "reason", one_of(reasons + ["KEPT", "REMEMBERED"])),
        (2, "when", one_bit_less),
        (3, "unless", one_bit_less),
    ))
    yield from dropped(fsm, "FSM_TRANSITIONS", (1, 2), must_not_compile=True)
    yield from cells_of(fsm, "FSM_TRANSITIONS", (1, 2), (
        (3, "state", one_of(fsm.names("FSM_STATES"))),
        (4, "effect", one_of(fsm.names("FSM_EFFECTS"))),
        (5, "request", one_of(fsm.enum("fsm_request_end", "FSM_REQUEST_"))),
    ))
    yield from cells_of(fsm, "FSM_EFFECTS", (0,), (
        (2, "operation", one_of(ops)),
    ))
    yield from cells_of(op, "FSM_OPS", (0,), (
        (1, "name", one_of(texts)),
        (2, "noun", one_of(nouns)),
        (3, "kind", one_of(kinds)),
        (4, "channel", flag),
        (5, "counts", flag),
        (6, "starts", flag),
        (7, "seconds", number),
        (8, "when done", one_of(owners)),
        (9, "when forgotten", one_of(owners)),
        (10, "failed", one_of(reasons)),
        (11, "refused", one_of(reasons)),
    ))
    yield from cells_of(order, "FSM_ORDERS", (0,), (
        (1, "name", one_of(orders)),
        (2, "effect", one_of(fsm.names("FSM_EFFECTS"))),
    ))
    yield from cells_of(order, "FSM_ORDER_ENDS", (0,), (
        (1, "name", one_of([order.cell(cells[1]) for _, cells in order.rows("FSM_ORDER_ENDS")])),
    ))
    yield from dropped(order, "FSM_HINDRANCES", (0,), must_not_compile=True)
    yield from cells_of(order, "FSM_HINDRANCES", (0,), (
        (1, "orders", flipped([f"1u << FSM_ORDER_{name}" for name in order.names("FSM_ORDERS")
                                if name != "ROLLBACK"])),  # nobody gives it, so nothing hinders it
        (2, "text", one_of([order.cell(cells[2]) for _, cells in order.rows("FSM_HINDRANCES")])),
    ))
    yield from cells_of(marker, "FSM_MARKERS", (0,), (
        (1, "owner", one_of(owners)),
    ))
    yield from cells_of(request, "FSM_LIFE", (0, 1), (
        (2, "needed", one_of(writes)),
        (3, "not needed", one_of(writes)),
    ))
    yield from cells_of(request, "FSM_SIGHTS", (0,), (
        (1, "reason", one_of(reasons)),
    ))
    yield from cells_of(reason, "FSM_CLASSES", (0,), (
        (2, "first pause", number),
        (3, "second pause", number),
        (4, "third pause", number),
        (5, "fourth pause", number),
        (6, "last pause", number),
        (7, "by hand", flag),
        (8, "lasting", number),
    ))
    yield from cells_of(hook, "FSM_HOOKS", (0,), (
        (2, "traits", toggled(traits)),
    ))
    words, seats = bag.names("FSM_WORDS"), bag.names("FSM_SEATS")
    yield from cells_of(bag, "FSM_WORDS", (0,), (
        (1, "name", one_of([bag.cell(cells[1]) for _, cells in bag.rows("FSM_WORDS")])),
    ))
    yield from cells_of(bag, "FSM_SEATS", (0,), (
        (1, "name", one_of([bag.cell(cells[1]) for _, cells in bag.rows("FSM_SEATS")])),
        (2, "out", flag),
        (3, "counts", flag),
        (4, "halts", flag),
        (5, "done", one_of(seats)),
        (6, "stuck", one_of(seats)),
        (7, "still", one_of(seats)),
        (8, "later", one_of(seats)),
        (9, "declined", one_of(seats)),
        (10, "passed over", one_of(seats)),
    ))
    yield from cells_of(ticket, "FSM_STANDS", (0,), (
        (1, "new, same", one_of(words)),
        (2, "new, other", one_of(words)),
        (3, "held, same", one_of(words)),
        (4, "held, other", one_of(words)),
    ))
    yield from dropped(stand, "FSM_STANDINGS", (0,), must_not_compile=True)
    yield from cells_of(stand, "FSM_STANDINGS", (0,), (
        (1, "stand", one_of(ticket.names("FSM_STANDS"))),
    ))
    yield from cells_of(port, "FSM_PORT_STEPS", (0,), (
        (1, "in any hook", any_of(steps)),
        (2, "in one that checks", any_of(steps)),
    ))
    yield from cells_of(port, "FSM_PORT_ANSWERS", (0,), (
        (1, "port", any_of(record.names("FSM_PORTS"))),
    ))


# --- building and running --------------------------------------------------------------------


class Build:
    """
    base/ and fsm/ as one shared library, so that a mutant links nothing else anew. A test whose
    sources name the mutated table is compiled again: with the old table in it it would compare the
    two, and catch what it does not know.
    """

    def __init__(self, options, work):
        self.source, self.work = options["source"], work
        flags = [i for i, word in enumerate(options["compile"]) if word.startswith("-")]
        self.compiler = options["compile"][: flags[0] if flags else None]
        self.flags = options["compile"][len(self.compiler) :]
        self.link = options["link"]
        self.library = [path for path in options["library"] if path.endswith(".c")]
        self.tests = {sources[0]: sources for sources in options["test"]}
        self.headers = {}
        self.text = {}
        self.took = {}  # seconds, by each test
        self.catches = collections.Counter()  # by table and test

    def run(self, *words):
        """What the compiler complains of, None when it is content."""
        result = subprocess.run([*self.compiler, *map(str, words)], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, check=False)
        return (result.stderr or "it failed") if result.returncode else None

    def compile(self, path, ret, overlay=None):
        """
        Compiles PATH into RET, the headers below OVERLAY first; or not, when what the compiler would
        see then is what it saw before.
        """
        text = ret.with_suffix(".i")
        complaint = self.run(*self.flags, *(["-iquote", overlay] if overlay else []), "-E", "-P",
                             "-MMD", "-MF", f"{ret}.d", "-o", text, self.source / path)
        if complaint:
            return complaint
        before = self.object(path)
        if overlay and text.read_bytes() == before.with_suffix(".i").read_bytes():
            ret.symlink_to(before)
            return None
        return self.run(*self.flags, "-O1", "-g0", "-w", "-fPIC", "-c", "-o", ret, text)

    def object(self, path):
        return self.work / (path.replace("/", "-") + ".o")

    def made_of(self, path):
        """The files below the sources that PATH includes, itself among them."""
        rule = pathlib.Path(f"{self.object(path)}.d").read_text(encoding="utf-8")
        base = os.path.realpath(self.source) + os.sep
        files = (os.path.realpath(word) for word in rule.replace("\\\n", " ").split()[1:])
        return {name[len(base) :] for name in files if name.startswith(base)}

    def link_library(self, folder, objects):
        return self.run("-shared", "-o", folder / "librows.so", *objects)

    def link_test(self, folder, test, objects):
        complaint = self.run("-o", folder / pathlib.Path(test).stem, *objects,
                             f"-L{folder}", "-lrows", *self.link)
        if complaint:
            raise Trouble(f"{test} does not link: {complaint}")

    def begin(self, pool):
        """Everything once, unchanged. The tests must pass."""
        paths = self.library + [path for sources in self.tests.values() for path in sources]
        complaints = pool.map(lambda path: self.compile(path, self.object(path)), paths)
        for path, complaint in zip(paths, complaints):
            if complaint:
                raise Trouble(f"{path} does not compile: {complaint}")
            self.headers[path] = self.made_of(path)
        complaint = self.link_library(self.work, [self.object(path) for path in self.library])
        if complaint:
            raise Trouble(f"the library does not link: {complaint}")
        for test, sources in self.tests.items():
            names = {name for path in sources for name in self.headers[path]}
            self.text[test] = "".join((self.source / name).read_text(encoding="utf-8")
                                      for name in sorted(names) if name.startswith("tests/"))
            self.link_test(self.work, test, [self.object(path) for path in sources])
        for test in self.tests:
            begin = time.monotonic()
            if self.fails(test, self.work, self.work):
                raise Trouble(f"{test} fails with the tables as they are")
            self.took[test] = time.monotonic() - begin

    def control(self, mutants):
        """With the headers as they are nothing may look new: it would be caught for another reason."""
        for path, table in {mutant.path: mutant.table for mutant in mutants}.items():
            same = Mutant(Header(self.source, path), table, path, "as it is", (0, 0), "")
            with tempfile.TemporaryDirectory(dir=self.work) as work:
                folder = pathlib.Path(work)
                same.write(folder)
                for file in self.headers:
                    ret = self.remade(file, same, folder)
                    if ret != self.object(file) and not ret.is_symlink():
                        raise Trouble(f"{file} is another one with {path} as it is")

    def fails(self, test, folder, library):
        """Whether TEST, which is in FOLDER, fails with the LIBRARY of that folder."""
        environment = dict(os.environ, LD_LIBRARY_PATH=str(library), CK_FORK="no",
                           CK_VERBOSITY="silent")
        try:
            result = subprocess.run([str(folder / pathlib.Path(test).stem)], env=environment,
                                    cwd=folder, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    timeout=TIME_MAX, check=False)
        except subprocess.TimeoutExpired:
            return True
        return result.returncode != 0

    def remade(self, path, mutant, folder):
        """The object of PATH with MUTANT in it; the unchanged one when it does not include it."""
        if mutant.path not in self.headers[path]:
            return self.object(path)
        ret = folder / self.object(path).name
        complaint = self.compile(path, ret, folder)
        if complaint:
            raise CompileError(complaint)
        return ret

    def names_table(self, test, mutant):
        names = [mutant.table] + (["FSM_RULE_COUNT"] if mutant.table == "FSM_RULES" else [])
        return any(re.search(rf"\b{name}\b", self.text[test]) for name in names)

    def catcher(self, mutant, folder):
        """What catches MUTANT, None when nothing does."""
        mutant.write(folder)
        objects = [self.remade(path, mutant, folder) for path in self.library]
        complaint = self.link_library(folder, objects)
        if complaint:
            raise CompileError(complaint)
        # The quick ones catch most of it, and of the slow ones some more than others.
        order = sorted(self.tests, key=lambda test: self.took[test] /
                       (1 + self.catches[mutant.table, test]))
        for test in order:
            place = self.work
            if self.names_table(test, mutant):
                place = folder
                objects = [self.remade(path, mutant, folder) for path in self.tests[test]]
                self.link_test(folder, test, objects)
            if self.fails(test, place, folder):
                self.catches[mutant.table, test] += 1
                return pathlib.Path(test).stem
        return None

    def judge(self, mutant):
        """Whether MUTANT is caught, and the line that says so."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        try:
            by = self.catcher(mutant, folder)
        except CompileError as error:
            if mutant.must_not_compile:
                return True, f"caught   {mutant.line} (the compiler)"
            why = str(error).strip().splitlines()[0]
            return False, f"SURVIVED {mutant.line}: does not compile: {why}"
        finally:
            shutil.rmtree(folder)
        if mutant.must_not_compile:
            return False, f"SURVIVED {mutant.line}: it compiles"
        if by is None:
            return False, f"SURVIVED {mutant.line}"
        return True, f"caught   {mutant.line} ({by})"


def parse(words):
    """The words after each --option; --test may come again."""
    options = {name: [] for name in ("test", "only", "source", "library", "compile", "link")}
    into = None
    for word in words:
        name = word[2:] if word.startswith("--") else ""
        if name == "test":
            into = []
            options["test"].append(into)
        elif name in options:
            into = options[name]
        elif into is None:
            raise Trouble(f"{word}: see the top of {__file__}")
        else:
            into.append(word)
    if not all(options[name] for name in options if name != "only"):
        raise Trouble(f"something is missing: see the top of {__file__}")
    options["source"] = pathlib.Path(options["source"][0])
    return options


def main():
    options = parse(sys.argv[1:])
    mutants = [mutant for mutant in all_mutants(options["source"])
               if all(text in mutant.line for text in options["only"])]
    jobs = int(os.environ.get("ROWS_JOBS") or len(os.sched_getaffinity(0)))
    survived = 0
    with (tempfile.TemporaryDirectory(prefix="rows.") as work,
          concurrent.futures.ThreadPoolExecutor(jobs) as pool):
        build = Build(options, pathlib.Path(work))
        build.begin(pool)
        build.control(mutants)
        for caught, line in pool.map(build.judge, mutants):
            print(line, flush=True)
            survived += not caught
    # In the form that Check has, so that these are counted with the other tests.
    total = len(mutants)
    percent = (total - survived) * 100 // total if total else 0
    print(f"{percent}%: Checks: {total}, Failures: {survived}, Errors: 0")
    return survived > 0 or total == 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        sys.exit(f"rows.py: {trouble}")

"""Components that mean harm, as WebAssembly text or bytes made on the spot. Each function takes a number that does nothing but make its instruction another."""

# A guest with the logging, the clock, the polling and the standard error of a node at hand; its core functions are in {body}.
_WITH_HOST = """(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $p (eq $outer)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
  (import "wasi:logging/logging" (instance $log
    (type $l (enum "trace" "debug" "info" "warn" "error" "critical"))
    (export "level" (type $level (eq $l)))
    (export "log" (func (param "level" $level) (param "context" string) (param "message" string)))))
  (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type $e (sub resource)))))
  (alias export $errors "error" (type $io-error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $out (sub resource)))
    (alias outer 1 $io-error (type $failed))
    (type $e (variant (case "last-operation-failed" (own $failed)) (case "closed")))
    (export "stream-error" (type $error (eq $e)))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $out)) (param "contents" (list u8)) (result (result (error $error)))))))
  (alias export $streams "output-stream" (type $out))
  (import "wasi:cli/stderr@0.2.0" (instance $stderr
    (alias outer 1 $out (type $outer))
    (export "output-stream" (type $o (eq $outer)))
    (export "get-stderr" (func (result (own $o))))))
  (core module $memory (memory (export "m") 1120))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "m" (core memory $mem))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $drop (canon resource.drop $pollable))
  (core func $log (canon lower (func $log "log") (memory $mem)))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $mem)))
  (core func $get (canon lower (func $stderr "get-stderr")))
  (core module $m
    (import "" "m" (memory 1))
    (import "" "block" (func $block (param i32)))
    (import "" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "log" (func $log (param i32 i32 i32 i32 i32)))
    (import "" "write" (func $write (param i32 i32 i32 i32)))
    (import "" "get" (func $get (result i32)))
    {body})
  (core instance $i (instantiate $m (with "" (instance (export "m" (memory $mem))
    (export "block" (func $block)) (export "subscribe" (func $subscribe)) (export "drop" (func $drop))
    (export "log" (func $log)) (export "write" (func $write)) (export "get" (func $get))))))
  {lifts})"""

_HOST_BODIES = {
    "sleep-for-ever": """(local $p i32) (local.set $p (call $subscribe (i64.const -1)))
      (call $block (local.get $p)) (call $drop (local.get $p)) (local.get 0)""",
    "sleep-again-and-again": """(local $p i32) (loop $again (local.set $p (call $subscribe (i64.const 1000000000)))
      (call $block (local.get $p)) (call $drop (local.get $p)) (br $again)) unreachable""",
    "hoard-handles": "(loop $again (drop (call $subscribe (i64.const 1))) (br $again)) unreachable",
    "flood-the-log": """(local $left i32) (local.set $left (i32.const 30000))
      (loop $again (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 100))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))) (local.get 0)""",
    "flood-the-log-for-ever": "(loop $again (call $log (i32.const 2) (i32.const 0) (i32.const 9) (i32.const 0) (i32.const 65000)) (br $again)) unreachable",
    "log-sixty-four-mebibytes": "(call $log (i32.const 2) (i32.const 0) (i32.const 67108864) (i32.const 0) (i32.const 67108864)) (local.get 0)",
    "log-what-is-no-text": "(i32.store (i32.const 0) (i32.const -1)) (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)) (local.get 0)",
    "log-beyond-memory": "(call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const -16) (i32.const 1000)) (local.get 0)",
    "log-a-level-there-is-not": "(call $log (i32.const 77) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1)) (local.get 0)",
    "a-handle-there-is-not": "(call $block (i32.const 4711)) (local.get 0)",
    "a-mebibyte-a-time-to-stderr": """(local $left i32) (local.set $left (local.get 0))
      (loop $again (call $write (call $get) (i32.const 0) (i32.const 1048576) (i32.const 73400304))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))) (local.get 0)""",
}


def with_host():
    body = "\n".join(f'(func (export "{name}") (param i32) (result i32) {text})' for name, text in _HOST_BODIES.items())
    lifts = "\n".join(f'(func (export "{name}") (param "n" u32) (result u32) (canon lift (core func $i "{name}")))' for name in _HOST_BODIES)
    return _WITH_HOST.replace("{body}", body).replace("{lifts}", lifts)


# Name → core function of (i32) → i32.
_PLAIN_BODIES = {
    "spin-for-ever": "(loop $again (br $again)) unreachable",
    "recurse-for-ever": "(i32.add (call $recurse-for-ever (local.get 0)) (i32.const 1))",
    "eat-memory": """(loop $again
        (drop (memory.grow (i32.const 16)))
        (memory.fill (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1048576)) (i32.const 7) (i32.const 1048576))
        (br $again)) unreachable""",
    "catch-a-refused-allocation": "(if (i32.eq (memory.grow (i32.const 60000)) (i32.const -1)) (then (return (i32.const 111)))) (i32.const 222)",
    "grow-a-table": "(if (i32.eq (table.grow $t (ref.null func) (i32.const 50000000)) (i32.const -1)) (then (return (i32.const 111)))) (i32.const 222)",
    "trap-at-once": "unreachable",
    "divide-by-zero": "(i32.div_u (local.get 0) (i32.const 0))",
    "read-beyond-memory": "(i32.load (i32.const -8))",
    "call-nothing": "(call_indirect $t (param i32) (result i32) (local.get 0) (i32.const 0))",
}


def plain():
    body = "\n".join(f'(func ${name} (export "{name}") (param i32) (result i32) {text})' for name, text in _PLAIN_BODIES.items())
    lifts = "\n".join(f'(func (export "{name}") (param "n" u32) (result u32) (canon lift (core func $i "{name}")))' for name in _PLAIN_BODIES)
    return f"""(component
  (core module $m (memory 1) (table $t 1 funcref)
    {body}
    (func (export "good") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m))
  {lifts}
  (func (export "good") (param "n" u32) (result u32) (canon lift (core func $i "good"))))"""


# Name → (type of the result, pointer, length); what a core function says where its result is.
_LIES = {
    "eighty-mebibytes-of-bytes": ("(list u8)", 0, 80 << 20),
    "eighty-mebibytes-of-text": ("string", 0, 80 << 20),
    "ten-million-strings": ("(list string)", 1024, 10_000_000),
    "sixteen-million-tuples": ("(list (tuple u8 u8))", 0, 16_000_000),
    "text-that-is-none": ("string", 90 << 20, 4),
    "text-beyond-memory": ("string", -16, 1000),
    "a-list-longer-than-memory": ("(list u64)", 0, -8),
    "a-list-of-lists-longer-than-memory": ("(list (list u8))", 0, 0x1FFFFFFF),
    "a-list-off-its-alignment": ("(list u32)", 1, 2),
}


def lies():
    body = "\n".join(f'(func (export "{name}") (param i32) (result i32) (i32.store (i32.const 16) (i32.const {at})) (i32.store (i32.const 20) (i32.const {size})) (i32.const 16))'
                     for name, (_, at, size) in _LIES.items())
    lifts = "\n".join(f'(func (export "{name}") (param "n" u32) (result {kind}) (canon lift (core func $i "{name}") (memory $i "memory")))'
                      for name, (kind, _, _) in _LIES.items())
    return f"""(component
  (core module $m (memory (export "memory") 1600) (data (i32.const 94371840) "\\ff\\fe\\80\\81")
    {body}
    (func (export "result-nowhere") (param i32) (result i32) (i32.const -4))
    (func (export "result-off-its-alignment") (param i32) (result i32) (i32.const 17))
    (func (export "no-case") (param i32) (result i32) (i32.store (i32.const 32) (i32.const 99)) (i32.const 32))
    (func (export "no-character") (param i32) (result i32) (i32.const 0xd800)))
  (core instance $i (instantiate $m))
  {lifts}
  (func (export "result-nowhere") (param "n" u32) (result string) (canon lift (core func $i "result-nowhere") (memory $i "memory")))
  (func (export "result-off-its-alignment") (param "n" u32) (result string) (canon lift (core func $i "result-off-its-alignment") (memory $i "memory")))
  (func (export "no-case") (param "n" u32) (result (option u32)) (canon lift (core func $i "no-case") (memory $i "memory")))
  (func (export "no-character") (param "n" u32) (result char) (canon lift (core func $i "no-character"))))"""


def memory_tricks():
    """What asks for memory to put an argument in, and what is called when a result was read."""
    return """(component
  (core module $m (memory (export "memory") 1)
    (func (export "traps") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "nowhere") (param i32 i32 i32 i32) (result i32) (i32.const -4))
    (func (export "spins") (param i32 i32 i32 i32) (result i32) (loop $l (br $l)) unreachable)
    (func (export "odd") (param i32 i32 i32 i32) (result i32) (i32.const 3))
    (func (export "take") (param i32 i32 i32) (result i32) (local.get 0))
    (func (export "same") (param i32) (result i32) (local.get 0))
    (func (export "post-traps") (param i32) unreachable)
    (func (export "post-spins") (param i32) (loop $l (br $l))))
  (core instance $i (instantiate $m))
  (func (export "realloc-traps") (param "n" u32) (param "v" string) (result u32) (canon lift (core func $i "take") (memory $i "memory") (realloc (func $i "traps"))))
  (func (export "realloc-points-nowhere") (param "n" u32) (param "v" string) (result u32) (canon lift (core func $i "take") (memory $i "memory") (realloc (func $i "nowhere"))))
  (func (export "realloc-spins") (param "n" u32) (param "v" string) (result u32) (canon lift (core func $i "take") (memory $i "memory") (realloc (func $i "spins"))))
  (func (export "realloc-is-odd") (param "n" u32) (param "v" (list u64)) (result u32) (canon lift (core func $i "take") (memory $i "memory") (realloc (func $i "odd"))))
  (func (export "post-return-traps") (param "n" u32) (result u32) (canon lift (core func $i "same") (post-return (func $i "post-traps"))))
  (func (export "post-return-spins") (param "n" u32) (result u32) (canon lift (core func $i "same") (post-return (func $i "post-spins")))))"""


def _hoarder(name, canon):
    return f"""(component {canon}
  (core module $m (import "" "new" (func $new (result RESULT))) (func (export "{name}") (param i32) (result i32) (loop $l (drop (call $new)) (br $l)) unreachable))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func (export "{name}") (param "n" u32) (result u32) (canon lift (core func $i "{name}"))))"""


def _alone(name, module):
    return f"""(component (core module $m {module}) (core instance $i (instantiate $m))
  (func (export "{name}") (param "n" u32) (result u32) (canon lift (core func $i "{name}"))))"""


def _waiting(name, start, canon="", imports="", given=""):
    return f"""(component {canon}
  (core module $m {imports} (func (export "{name}") (param i32) (result i32) {start}) (func (export "again") (param i32 i32 i32) (result i32) (i32.const 1)))
  (core instance $i (instantiate $m {given}))
  (func (export "{name}") async (param "n" u32) (result u32) (canon lift (core func $i "{name}") async (callback (func $i "again")))))"""


_NEW_SET = ('(core func $new (canon waitable-set.new))', '(import "" "new" (func $new (result i32)))', '(with "" (instance (export "new" (func $new))))')


def each_alone():
    """Name → component, of what takes a component of its own."""
    tables = range(90)
    return {
        "start-spins": start_that("start-spins", "(loop $l (br $l))"),
        "start-traps": start_that("start-traps", "unreachable"),
        "start-eats-memory": start_that("start-eats-memory", "(loop $l (drop (memory.grow (i32.const 160))) (br $l))"),
        "hoard-streams": _hoarder("hoard-streams", "(type $s (stream u8)) (core func $new (canon stream.new $s))").replace("RESULT", "i64"),
        "hoard-waitable-sets": _hoarder("hoard-waitable-sets", "(core func $new (canon waitable-set.new))").replace("RESULT", "i32"),
        "fill-the-heap": _alone("fill-the-heap", """(type $a (array (mut i64))) (type $n (struct (field (ref null $n)) (field (ref null $a))))
    (func (export "fill-the-heap") (param i32) (result i32) (local $l (ref null $n))
      (loop $x (local.set $l (struct.new $n (local.get $l) (array.new $a (i64.const 1) (i32.const 100000)))) (br $x)) unreachable)"""),
        "grow-many-tables": _alone("grow-many-tables", " ".join(f"(table $t{n} 1 funcref)" for n in tables) + ' (func (export "grow-many-tables") (param i32) (result i32) '
                                   + " ".join(f"(drop (table.grow $t{n} (ref.null func) (i32.const 9000000)))" for n in tables) + " (i32.const 1))"),
        "four-gibibytes-from-the-start": _alone("four-gibibytes-from-the-start", '(memory 65536) (func (export "four-gibibytes-from-the-start") (param i32) (result i32) (i32.const 1))'),
        "yield-for-ever": _waiting("yield-for-ever", "(i32.const 1)"),
        "wait-for-nothing": _waiting("wait-for-nothing", "(i32.or (i32.shl (call $new) (i32.const 4)) (i32.const 2))", *_NEW_SET),
    }


def start_that(name, body):
    """A component whose start function does something before any function is called."""
    return f"""(component
  (core module $m (memory 1) (func $s {body}) (start $s) (func (export "{name}") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func (export "{name}") (param "n" u32) (result u32) (canon lift (core func $i "{name}"))))"""


def calling(name, value="i32.const 1"):
    return f"""(component (core module $m (func (export "{name}") (result i32) {value}))
  (core instance $i (instantiate $m)) (func (export "{name}") (result u32) (canon lift (core func $i "{name}"))))"""


def importing(interface):
    return f"""(component (import "{interface}" (instance $x (export "f" (func (result u32)))))
  (core func $f (canon lower (func $x "f")))
  (core module $m (import "" "f" (func $f (result i32))) (func (export "f") (result i32) (call $f)))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))"""


def many_exports(count):
    lifts = "\n".join(f'(func (export "f{n}") (result u32) (canon lift (core func $i "f")))' for n in range(count))
    return f'(component (core module $m (func (export "f") (result i32) (i32.const 1))) (core instance $i (instantiate $m)) {lifts})'


def many_parameters(count):
    """A function of so many parameters: more than sixteen are handed over in memory."""
    params = " ".join(f'(param "p{n}" u8)' for n in range(count))
    return f"""(component (core module $m (memory (export "memory") 16) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "f") (param i32) (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func (export "many") {params} (result u32) (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc")))))"""


def deep_type(depth, width=1):
    """A type of tuples in tuples; with a width above one it unfolds to width to the power of depth."""
    types = "\n".join(f'(type $t{n} (tuple {" ".join([f"$t{n - 1}"] * width)}))' for n in range(1, depth))
    return f"""(component (core module $m (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
    (func (export "f") (param i32 i32) (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (type $t0 (tuple {" ".join(["u8"] * width)})) {types}
  (func (export "deep") (param "v" (list $t{depth - 1})) (result u32) (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc")))))"""


def deep_components(depth):
    return "(component " * depth + ")" * depth


def deep_binary_components(depth):
    content = b"\0asm\x0d\0\x01\0"
    for _ in range(depth):
        content = b"\0asm\x0d\0\x01\0" + _section(4, content)
    return content


def long_name(size):
    return calling("a" * size)


def _leb(number):
    out = bytearray()
    while True:
        out.append(number & 0x7F | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def _section(number, content):
    return bytes([number]) + _leb(len(content)) + content


def _component(module):
    """A component around a core module that exports `f`, from nothing to an i32."""
    # core instance 0 of module 0; alias of its export `f`; type: func() -> u32; lift; export.
    return (b"\0asm\x0d\0\x01\0" + _section(1, module) + _section(2, b"\x01\x00\x00\x00")
            + _section(6, b"\x01\x00\x00\x01\x00\x01f") + _section(7, b"\x01\x40\x00\x00\x79") + _section(8, b"\x01\x00\x00\x00\x00\x00")
            + _section(11, b"\x01\x00\x04bomb\x01\x00\x00"))


def _module(types, code, more=b""):
    """A core module of functions without parameters that give an i32; the first is exported as `f`."""
    count = len(code)
    return (b"\0asm\x01\0\0\0" + _section(1, types) + _section(3, _leb(count) + b"\x00" * count) + more + _section(7, b"\x01\x01f\x00\x00")
            + _section(10, _leb(count) + b"".join(_leb(len(body)) + body for body in code)))


_NOTHING_TO_NUMBER = b"\x01\x60\x00\x01\x7f"


def compile_bomb(loops, variables):
    """Valid code of one function that no compiler gets through in good time: each of the loops in one another carries each of the variables."""
    body = b"\x01" + _leb(variables) + b"\x7f" + b"\x03\x40" * loops
    for n in range(variables):
        body += b"\x20" + _leb(n) + b"\x20" + _leb((n + 1) % variables) + b"\x6a\x21" + _leb(n)
    body += b"\x20\x00\x0d\x00\x0b" * loops + b"\x20\x00\x0b"
    return _component(_module(_NOTHING_TO_NUMBER, [body]))


def component_bytes():
    """A small sound component with the function `bomb`, which gives 1."""
    return _component(_module(_NOTHING_TO_NUMBER, [b"\x00\x41\x01\x0b"]))


def many_functions(count, additions):
    """Code that is large for its being much."""
    body = b"\x01\x01\x7f" + b"\x20\x00\x41\x01\x6a\x21\x00" * additions + b"\x20\x00\x0b"
    return _component(_module(_NOTHING_TO_NUMBER, [body] * count))

#!/usr/bin/env python3
"""Request and reply scripts (cases/*.case) against a node: ours, or one of the original.

    conformance.py --port 8020 [--as ours|original] [FILE…]

A case:

    case a name
    > a message to send as it stands, on a WebSocket of its own for each case
    < the reply, as it stands but for {{…}}
    ~ the payload of a notification (its byte numbers as text)
    < nothing                        no reply: a call that follows is answered first
    ours < …, original < …           where the two differ; `why …` must say why
    post PATH CONTENT-TYPE           the next `>` goes over HTTP, and `<` is `STATUS BODY`
    get PATH                         as `post`, without a body

The original is started with an empty database and a Kubo (or what answers `cat` and `dag/put` as one) that has types.wasm. It loses a notification
now and then, of replays mostly: a case that times out may hold the next time.

{{id}} is a subscription, {{text}} any text without quotes, {{any}} anything; {{=NAME}} keeps what it matched (letters and digits) and {{NAME}} stands
for it later, in requests too.
"""
import argparse
import http.client
import json
import pathlib
import re
import sys

import web_socket

FOLDER = pathlib.Path(__file__).resolve().parent
ENDED = "run_workflow_ended"
SENTINEL = '{"jsonrpc":"2.0","method":"health","id":"sentinel"}'
PATTERNS = {"id": "[A-Za-z0-9]{16}", "text": '[^"]*', "any": ".*"}


class Step:
    def __init__(self, line, whose, kind, text):
        self.line, self.whose, self.kind, self.text = line, whose, kind, text


class Case:
    def __init__(self, name, file, line):
        self.name, self.where, self.steps, self.why = name, f"{file.name}:{line}", [], None

    def check(self):
        """A case that tells the two apart says why, and has a line for each."""
        told = {step.whose for step in self.steps} - {None}
        if told and self.why is None:
            raise ValueError(f"{self.where}: the two differ and no `why` says why")
        if not told and self.why is not None:
            raise ValueError(f"{self.where}: `why` without a line of `ours` or `original`")


def read_cases(file):
    cases = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("case "):
            cases.append(Case(line[5:], file, number))
            continue
        whose = None
        for name in ("ours", "original"):
            if line.startswith(name + " "):
                whose, line = name, line[len(name) + 1:]
        if line.startswith("why "):
            cases[-1].why = line[4:]
            continue
        kind, _, text = line.partition(" ")
        if kind not in (">", "<", "~", "post", "get") or not cases:
            raise ValueError(f"{file.name}:{number}: not a line of a case: {line}")
        cases[-1].steps.append(Step(number, whose, kind, text))
    for case in cases:
        case.check()
    return cases


class Mismatch(Exception):
    pass


class Run:
    """One case against one node."""

    def __init__(self, port, who):
        self.port, self.who, self.kept, self.socket, self.http = port, who, {}, None, None

    def fill(self, text):
        for name, value in self.kept.items():
            text = text.replace("{{" + name + "}}", value)
        return text

    def expect(self, wanted, got):
        pattern, names = "", []
        for part in re.split(r"(\{\{[^}]*\}\})", self.fill(wanted)):
            if part.startswith("{{="):
                names.append(part[3:-2])
                pattern += "([A-Za-z0-9]+)"
            elif part.startswith("{{"):
                pattern += PATTERNS[part[2:-2]]
            else:
                pattern += re.escape(part)
        found = re.fullmatch(pattern, got, re.DOTALL)
        if not found:
            raise Mismatch(f"wanted {self.fill(wanted)}\n   got {got}")
        self.kept.update(zip(names, found.groups()))

    def receive(self):
        """The next message that both kinds of node send."""
        while True:
            message = self.socket.receive()
            if f'"method":"{ENDED}"' not in message:
                return message

    def exchange(self, method, path, body, content_type):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=web_socket.PATIENCE_S)
        connection.request(method, path, body, {"Content-Type": content_type} if content_type else {})
        answer = connection.getresponse()
        text = f"{answer.status} {answer.read().decode()}"
        connection.close()
        return text.rstrip()

    def step(self, step):
        if step.kind == "get":
            self.http = self.exchange("GET", step.text, None, None)
        elif step.kind == "post":
            self.http = step.text.split(" ", 1)
        elif step.kind == ">" and isinstance(self.http, list):
            path, content_type = self.http
            self.http = self.exchange("POST", path, self.fill(step.text), content_type)
        elif step.kind == ">":
            self.socket = self.socket or web_socket.WebSocket("127.0.0.1", self.port)
            self.socket.send(self.fill(step.text))
        elif step.kind == "<" and self.http is not None:
            self.expect(step.text, self.http)
            self.http = None
        elif step.kind == "<" and step.text == "nothing":
            self.socket.send(SENTINEL)
            got = self.receive()
            if '"id":"sentinel"' not in got:
                raise Mismatch(f"wanted no reply\n   got {got}")
        elif step.kind == "<":
            self.expect(step.text, self.receive())
        elif step.kind == "~":
            message = json.loads(self.receive())
            if "result" not in message.get("params", {}):
                raise Mismatch(f"wanted a notification\n   got {message}")
            self.expect(step.text, bytes(message["params"]["result"]).decode())

    def run(self, case):
        try:
            for step in case.steps:
                if step.whose not in (None, self.who):
                    continue
                try:
                    self.step(step)
                except (Mismatch, OSError, web_socket.Closed) as problem:
                    return f"{case.where.split(':')[0]}:{step.line}: {case.name}: {problem}"
        finally:
            if self.socket:
                self.socket.close()
        return None


def run_files(files, port, who):
    """All that went wrong, and how many cases there were."""
    cases = [case for file in files for case in read_cases(file)]
    problems = [problem for case in cases if (problem := Run(port, who).run(case))]
    return problems, len(cases)


def all_files():
    return sorted((FOLDER / "cases").glob("*.case"))


def main():
    parser = argparse.ArgumentParser(description="Request and reply scripts against a node")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--as", dest="who", choices=["ours", "original"], default="ours")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    problems, count = run_files(options.files or all_files(), options.port, options.who)
    for problem in problems:
        print(problem)
    print(f"{count - len(problems)} of {count} cases hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

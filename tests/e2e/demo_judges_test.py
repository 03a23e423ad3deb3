#!/usr/bin/env python3
"""Checks that tools/demo tells a right server from a wrong one, with a server that answers and logs from a table."""

import http.server
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve()
DEMO = HERE.parent.parent.parent / "tools/demo"


def right_answers():
    """By workflow: status, body, log lines as (level, category, message). `again` is the second post of add.json."""
    run = "worker.run"
    return {
        "add": (200, "8.3", [("info", run, "starting workflow"), ("info", "guest:rust:add", "3.1 + 5.2 = 8.3"),
                             ("info", run, "computed receipt"), ("info", run, "workflow completed")]),
        "again": (200, "8.3", [("info", run, "replaying receipts"), ("info", run, "replaying workflow"), ("info", run, "workflow completed")]),
        "all": (200, "5.98", [("info", "guest:javascript:subtract", "8.3 - 4.4 = 3.9000000000000004"),
                              ("info", "guest:python:multiply", "3.9000000000000004 * 2.3 = 8.97"),
                              ("info", "guest:rust:divide", "8.97 / 1.5 = 5.98"), ("info", run, "workflow completed")]),
        "zero": (500, '{"error":"not able to run fn divide"}',
                 [("error", "guest:rust:divide", "Division by zero error"), ("error", run, "not able to run fn divide"),
                  ("error", run, "workflow failed")]),
    }


def swap(answers, name, status=None, body=None, lines=None):
    old = answers[name]
    answers[name] = (status or old[0], body or old[1], lines or old[2])
    return answers


MODES = {
    "right": lambda a: a,
    "computed_again": lambda a: swap(a, "again", lines=a["add"][2]),
    "wrong_sum": lambda a: swap(a, "all", body="5.99"),
    "failed_status": lambda a: swap(a, "add", status=500),
    "zero_succeeds": lambda a: swap(a, "zero", status=200),
    "zero_unnamed": lambda a: swap(a, "zero", body="Internal Server Error"),
    "zero_completed": lambda a: swap(a, "zero", lines=a["zero"][2][:2] + [("info", "worker.run", "workflow completed")] + a["zero"][2][2:]),
    "no_guest_line": lambda a: swap(a, "all", lines=a["all"][2][1:]),
    "wrong_order": lambda a: swap(a, "all", lines=[a["all"][2][1], a["all"][2][0], *a["all"][2][2:]]),
}


def serve(arguments, mode):
    if mode == "ends_at_start":
        print("no such setting")
        sys.exit(3)
    answers = MODES[mode](right_answers())
    posts = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self):
            self.answer(200, "[]")

        def do_POST(self):
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            name = "all" if "subtract" in text else "zero" if "divide" in text else "again" if posts else "add"
            posts.append(name)
            status, body, lines = answers[name]
            for level, category, message in lines:
                subject = "wasm_execution" if category.startswith("guest:") else "worker"
                print(f'ts=2024-01-01T00:00:00Z level={level} message="{message}" subject={subject} category={category}', flush=True)
            self.answer(status, body)

    port = int(arguments[arguments.index("--port") + 1])
    http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DemoTest(unittest.TestCase):
    def demo(self, mode):
        with tempfile.TemporaryDirectory() as functions:
            for name in ("math", "subtract", "multiply"):
                (pathlib.Path(functions) / f"{name}.wasm").touch()
            return subprocess.run([DEMO, "--binary", HERE, "--functions", functions, "--port", str(free_port())],
                                  env={**os.environ, "EVERY_FAKE_SERVER": mode}, capture_output=True, text=True, timeout=100)

    def assert_names(self, mode, problem):
        done = self.demo(mode)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(problem, done.stdout)

    def test_accepts_right_answers_and_lines(self):
        done = self.demo("right")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_refuses_a_second_computation(self):
        self.assert_names("computed_again", "a log line that should not be there, with: wasm_execution")

    def test_refuses_a_wrong_result(self):
        self.assert_names("wrong_sum", "the answer is '5.99', not '5.98'")

    def test_refuses_an_error_status_for_a_good_run(self):
        self.assert_names("failed_status", "HTTP status 500")

    def test_refuses_success_for_a_division_by_zero(self):
        self.assert_names("zero_succeeds", "HTTP status 200")

    def test_refuses_an_error_that_does_not_name_the_task(self):
        self.assert_names("zero_unnamed", "the answer does not name 'divide'")

    def test_refuses_a_failed_run_that_says_completed(self):
        self.assert_names("zero_completed", "should not be there, with: workflow completed")

    def test_refuses_a_missing_guest_line(self):
        self.assert_names("no_guest_line", "guest:javascript:subtract")

    def test_refuses_guest_lines_out_of_order(self):
        self.assert_names("wrong_order", "guest:python:multiply")

    def test_shows_why_the_server_did_not_start(self):
        self.assert_names("ends_at_start", "no such setting")


if __name__ == "__main__":
    if "EVERY_FAKE_SERVER" in os.environ and sys.argv[1:2] == ["dev"]:
        serve(sys.argv, os.environ["EVERY_FAKE_SERVER"])
    else:
        unittest.main()

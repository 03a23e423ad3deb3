"""Traces of runs, as a collector of OpenTelemetry gets them: OTLP over HTTP in JSON. Here the collector is a few lines of Python."""
import http.server
import json
import os
import re
import subprocess
import threading
import time
import unittest
from unittest import mock

from every_process import BINARY, HomeTest, PATIENCE_S, TYPES, every, task

CHAIN = [task("a", "add", [1, 2]), task("b", "add", ["{{needs.a.output}}", 10])]
PARENT = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


class Collector:
    """Keeps what it is sent. It may refuse, or hold its answers back."""

    def __init__(self):
        self.requests = []
        self.status = 200
        self.held = threading.Event()
        self.held.set()
        self.changed = threading.Condition()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with collector.changed:
                    collector.requests.append((self.path, dict(self.headers), json.loads(body), collector.status))
                    collector.changed.notify_all()
                collector.held.wait(PATIENCE_S)
                try:
                    self.send_response(collector.status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")
                except OSError:
                    pass  # the node has gone

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.held.set()
        self.server.shutdown()
        self.server.server_close()

    def spans(self):
        """What was taken, in order."""
        with self.changed:
            return [span for _, _, body, status in self.requests if status == 200 for resource in body["resourceSpans"] for scope in resource["scopeSpans"]
                    for span in scope["spans"]]

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        with self.changed:
            while not condition():
                if not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"what was waited for did not come; {len(self.requests)} requests: {str(self.requests)[:2000]}")

    def wait_for_run(self, run):
        """The spans of a run that is over, its tasks' by name, its own as ''."""
        def mine():
            return [span for span in self.spans() if attribute(span, "every.run") == run]

        self.wait_for(lambda: any(attribute(span, "every.run.state") for span in mine()))
        return {attribute(span, "every.task.name") or "": span for span in mine()}


def attribute(span, key):
    for entry in span["attributes"]:
        if entry["key"] == key:
            (kind, value), = entry["value"].items()
            return int(value) if kind == "intValue" else value
    return None


class TracesTest(HomeTest):
    def setUp(self):
        super().setUp()
        self.collector = Collector()
        self.addCleanup(self.collector.close)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        patch = mock.patch.dict(os.environ, clean, clear=True)
        patch.start()
        self.addCleanup(patch.stop)
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = self.collector.url

    def node(self, *arguments):
        return self.start("--fn", TYPES, "--workers", "1", *arguments).wait_ready()

    def check_shape(self, span):
        self.assertRegex(span["traceId"], r"^[0-9a-f]{32}$")
        self.assertRegex(span["spanId"], r"^[0-9a-f]{16}$")
        if "parentSpanId" in span:
            self.assertRegex(span["parentSpanId"], r"^[0-9a-f]{16}$")
        for key in ("startTimeUnixNano", "endTimeUnixNano"):
            self.assertIsInstance(span[key], str)
            self.assertRegex(span[key], r"^\d{19}$")
        self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
        self.assertIsInstance(span["kind"], int)
        for entry in span["attributes"]:
            self.assertEqual(set(entry), {"key", "value"})
            (kind, value), = entry["value"].items()
            self.assertIn(kind, ("stringValue", "intValue", "boolValue"))
            if kind == "intValue":
                self.assertRegex(value, r"^\d+$")

    def test_a_run_is_a_trace_with_a_span_a_task(self):
        node = self.node()
        status, text, headers = node.run(*CHAIN)
        self.assertEqual((status, text), (200, "13"))
        spans = self.collector.wait_for_run(headers["Every-Run"])
        self.assertEqual(set(spans), {"", "a", "b"})
        run = spans[""]
        for span in spans.values():
            self.check_shape(span)
            self.assertEqual(span["traceId"], run["traceId"])
        for name in "ab":
            span = spans[name]
            self.assertEqual(span["parentSpanId"], run["spanId"])
            self.assertEqual(span["name"], "add")
            self.assertEqual((attribute(span, "every.task.way"), span["status"]["code"]), ("ran", 1))
            self.assertEqual([event["name"] for event in span["events"]], ["started"])
            self.assertRegex(attribute(span, "every.component"), "^baf")
            self.assertGreater(attribute(span, "every.task.run_time_ns"), 0)
        self.assertEqual(attribute(spans["b"], "every.receipt"), headers["Every-Receipt"])
        self.assertNotIn("parentSpanId", run)
        self.assertEqual((attribute(run, "every.run.state"), attribute(run, "every.run.tasks")), ("completed", 2))
        path, sent, body, _ = self.collector.requests[0]
        self.assertEqual((path, sent["Content-Type"]), ("/v1/traces", "application/json"))
        resource = {entry["key"]: entry["value"]["stringValue"] for entry in body["resourceSpans"][0]["resource"]["attributes"]}
        self.assertEqual(resource["service.name"], "every")
        self.assertTrue(resource["service.version"])

    def test_hits_and_failures_say_so(self):
        node = self.node()
        node.run(*CHAIN)
        _, _, headers = node.run(*CHAIN)
        for name, span in self.collector.wait_for_run(headers["Every-Run"]).items():
            if name:
                self.assertEqual((attribute(span, "every.task.way"), attribute(span, "every.task.replayed")), ("hit", True))
        status, text, _ = node.run(task("bad", "trap", ["no more"]))
        self.assertNotEqual(status, 200)
        failure = json.loads(text)
        spans = self.collector.wait_for_run(failure["details"]["run"])
        self.assertEqual(spans["bad"]["status"], {"code": 2, "message": failure["error"]})
        self.assertEqual(attribute(spans["bad"], "error.type"), failure["code"])
        self.assertEqual(spans[""]["status"]["code"], 2)

    def post(self, node, parent):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE_S)
        self.addCleanup(connection.close)
        connection.request("POST", "/run", json.dumps({"tasks": CHAIN}), {"Content-Type": "application/json", "traceparent": parent})
        answer = connection.getresponse()
        answer.read()
        return answer.headers["Every-Run"]

    def test_the_request_s_traceparent_is_the_parent(self):
        node = self.node()
        spans = self.collector.wait_for_run(self.post(node, f"00-{PARENT[0]}-{PARENT[1]}-01"))
        self.assertEqual({span["traceId"] for span in spans.values()}, {PARENT[0]})
        self.assertEqual(spans[""]["parentSpanId"], PARENT[1])
        self.assertEqual(spans["a"]["parentSpanId"], spans[""]["spanId"])

    def test_what_is_not_sampled_is_not_sent_and_what_is_no_parent_is_none(self):
        node = self.node()
        unsampled = self.post(node, f"00-{PARENT[0]}-{PARENT[1]}-00")
        odd = self.post(node, "00-nonsense")
        spans = self.collector.wait_for_run(odd)
        self.assertNotIn("parentSpanId", spans[""])
        self.assertFalse([span for span in self.collector.spans() if attribute(span, "every.run") == unsampled])

    def test_the_variables_of_opentelemetry_count(self):
        os.environ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = self.collector.url + "/somewhere"
        os.environ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=se%20cret,other=1"
        os.environ["OTEL_SERVICE_NAME"] = "orders"
        os.environ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test"
        node = self.node("--log-level", "trace")
        self.collector.wait_for_run(node.run(*CHAIN)[2]["Every-Run"])
        path, headers, body, _ = self.collector.requests[0]
        self.assertEqual((path, headers["x-key"], headers["other"]), ("/somewhere", "se cret", "1"))
        resource = {entry["key"]: entry["value"]["stringValue"] for entry in body["resourceSpans"][0]["resource"]["attributes"]}
        self.assertEqual((resource["service.name"], resource["deployment.environment.name"]), ("orders", "test"))
        self.assertEqual(node.stop(), 0)
        self.assertNotIn("se cret", "\n".join(node.lines))

    def test_settings_name_the_endpoint_and_the_environment_switches_it_off(self):
        del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
        config = self.write("traces.toml", f'[every.traces]\nendpoint = "{self.collector.url}/"\nservice_name = "from-file"\n')
        node = self.node("--config", config)
        self.collector.wait_for_run(node.run(*CHAIN)[2]["Every-Run"])
        node.stop()
        count = len(self.collector.requests)
        os.environ["OTEL_SDK_DISABLED"] = "true"
        node = self.node("--config", config)
        node.run(*CHAIN)
        self.assertEqual(node.stop(), 0)
        self.assertEqual(len(self.collector.requests), count)

    def test_what_waits_is_sent_when_the_node_stops(self):
        node = self.node()
        run = node.run(*CHAIN)[2]["Every-Run"]
        self.assertEqual(node.stop(), 0)
        self.assertEqual(len([span for span in self.collector.spans() if attribute(span, "every.run") == run]), 3)

    def test_a_command_sends_the_trace_of_its_run(self):
        run = json.loads(every("run", self.write("wf.json", {"tasks": CHAIN}), "--fn", TYPES, "--home", self.home, "--json").stdout)["id"]
        self.assertEqual(len([span for span in self.collector.spans() if attribute(span, "every.run") == run]), 3)

    def test_a_collector_that_refuses_for_a_while_gets_everything_later(self):
        self.collector.status = 503
        node = self.node()
        run = node.run(*CHAIN)[2]["Every-Run"]
        node.wait_for_line("traces are not taken")
        self.collector.status = 200
        self.assertEqual(set(self.collector.wait_for_run(run)), {"", "a", "b"})
        node.wait_for_line("traces are taken again")

    def test_a_collector_that_is_not_there_is_no_problem(self):
        for endpoint in ("http://127.0.0.1:1", "https://" + self.collector.url[7:], "http://no-such-host.invalid:4318"):
            with self.subTest(endpoint=endpoint):
                os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
                node = self.node()
                self.assertEqual(node.run(*CHAIN)[1], "13")
                node.wait_for_line("traces are not taken at")
                self.assertEqual(node.run(*CHAIN)[1], "13")
                self.assertEqual(node.stop(), 0)
                self.assertEqual(sum("traces are not taken" in line for line in node.lines), 1)

    def test_an_endpoint_that_is_none_is_told_and_the_node_runs(self):
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "localhost:4317"
        node = self.node()
        self.assertEqual(node.run(*CHAIN)[1], "13")
        node.wait_for_line("no traces are sent")

    def test_a_collector_that_never_answers_holds_nothing_up(self):
        self.collector.held.clear()
        os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = str(PATIENCE_S * 1000)
        node = self.node("--metrics-port", "0")
        for number in range(20):
            self.assertEqual(node.run(task("n", "add", [number, 1]))[1], str(number + 1))
        self.collector.wait_for(lambda: self.collector.requests)
        began = time.monotonic()
        self.assertEqual(node.stop(), 0)
        self.assertLess(time.monotonic() - began, PATIENCE_S / 2, "it waited for the collector")

    def test_more_than_may_wait_is_dropped_and_counted(self):
        self.collector.held.clear()
        node = self.node()
        many = [task(f"t{number}", "add", [number, 1]) for number in range(5000)]
        node.run(*many)
        node.run(*many)
        answer = node.run(*many)
        self.assertEqual(answer[0], 200, answer[1])
        node.wait_for_line("spans are dropped")
        self.assertEqual(sum("spans are dropped" in line for line in node.lines), 1)
        metrics = dict(re.findall(r'every_trace_spans_total\{outcome="(\w+)"\} (\d+)', self.metrics(node)))
        self.assertGreater(int(metrics["dropped"]), 0)

    def metrics(self, node):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", node.runtime_port, timeout=PATIENCE_S)
        self.addCleanup(connection.close)
        connection.request("GET", "/metrics")
        families = json.loads(connection.getresponse().read())["metrics"]
        return "\n".join(f'{family["metric_name"]}{{outcome="{row["labels"]["outcome"]}"}} {row["value"]}'
                         for family in families if family["metric_name"] == "every_trace_spans_total" for row in family["data"])


if __name__ == "__main__":
    unittest.main()

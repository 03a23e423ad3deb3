"""JSON-RPC of the runtime's port, its metrics, and the OpenRPC document against what the server does."""
import http.client
import json
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance"))

import json_schema  # noqa: E402
import web_socket  # noqa: E402
from every_process import HomeTest, TYPES, every, free_port  # noqa: E402

RSC = "ipfs://bafkreifpuvdozlzwzpc2yhvf5aqzad7rnzme7ynqobfpokcqjdnohurjui"


def full_task(func, args, **more):
    return {"cause": None, "meta": {"memory": 4294967296, "time": 100000}, "prf": [],
            "run": {"input": {"args": args, "func": func}, "nnc": "", "op": "wasm/run", "rsc": RSC, **more}}


class Client:
    """Calls over one WebSocket; keeps notifications apart from replies."""

    def __init__(self, port):
        self.socket = web_socket.WebSocket("127.0.0.1", port, patience=180)
        self.told, self.count = [], 0

    def __del__(self):
        self.socket.close()

    def call(self, method, params=None):
        self.count += 1
        call = {"jsonrpc": "2.0", "method": method, "id": self.count}
        if params is not None:
            call["params"] = params
        self.socket.send(json.dumps(call))
        while True:
            message = json.loads(self.socket.receive())
            if "method" not in message:
                assert message["id"] == self.count, message
                return message
            self.told.append(message)

    def run(self, name, *tasks):
        """(notifications' payloads, params of the end)"""
        reply = self.call("subscribe_run_workflow", [{"name": name, "workflow": {"tasks": list(tasks)}}])
        subscription = reply["result"]
        payloads = []
        while True:
            message = self.told.pop(0) if self.told else json.loads(self.socket.receive())
            if message["method"] == "run_workflow_ended":
                assert message["params"]["of"] == subscription
                return payloads, message["params"]
            assert message["params"]["subscription"] == subscription, message
            payloads.append(json.loads(bytes(message["params"]["result"])))


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


class OpenRpcTest(HomeTest):
    def fits(self, schema, value, what):
        self.assertEqual(json_schema.problems(schema, value), [], what)

    def test_describes_what_the_server_does(self):
        node = self.start("--fn", TYPES).wait_ready()
        client = Client(node.runtime_port)
        document = json.loads(client.call("rpc_discover")["result"])
        methods = {method["name"]: method for method in document["methods"]}
        ids = {}
        run = {"name": "walk", "workflow": {"tasks": [full_task("add", [1, 2]), full_task("trap", ["no"])]}}
        for name, method in methods.items():
            given = {"subscribe_run_workflow": [run], "unsubscribe_run_workflow": [ids.get("subscribe_run_workflow")],
                     "unsubscribe_network_events": [ids.get("subscribe_network_events")]}.get(name, [])
            for described, value in zip(method["params"], given):
                self.fits(described["schema"], value, name)
            reply = client.call(name, given)
            self.assertIn("result", reply, name)
            self.fits(method["result"]["schema"], reply["result"], name)
            ids[name] = reply["result"]
        self.assertIs(ids["unsubscribe_network_events"], True)

        payloads, end = client.run("walked", full_task("add", [1, 2]), full_task("trap", ["no"]), full_task("echo_bytes", [{"/": {"bytes": "AAE"}}]))
        described = methods["subscribe_run_workflow"]
        for payload in payloads:
            self.fits(described["x-messages"]["schema"], payload, "notification")
        self.fits(described["x-ended"]["schema"], end, "end")

    def test_refuses_what_it_says_it_refuses(self):
        node = self.start("--fn", TYPES).wait_ready()
        client = Client(node.runtime_port)
        document = json.loads(client.call("rpc_discover")["result"])
        schema = next(method for method in document["methods"] if method["name"] == "subscribe_run_workflow")["params"][0]["schema"]
        for bad in [5, {"name": "x"}, {"name": 7, "workflow": {"tasks": [full_task("add", [1, 2])]}}, {"workflow": {"tasks": [{"run": {}}]}}, [256], [-1]]:
            self.assertNotEqual(json_schema.problems(schema, bad), [], bad)
            self.assertEqual(client.call("subscribe_run_workflow", [bad])["error"]["code"], -32602, bad)


class RunTest(HomeTest):
    def test_tells_every_outcome_and_the_end(self):
        node = self.start("--fn", TYPES).wait_ready()
        payloads, end = Client(node.runtime_port).run("mixed", full_task("add", [1, 2]), full_task("trap", ["no"]), full_task("add", [1, 2]))
        self.assertEqual(sorted(payload["receipt"]["out"][0] for payload in payloads), ["error", "ok", "ok"])
        self.assertEqual((end["state"], end["error"]["code"]), ("failed", "guest_trap"))
        self.assertEqual(node.request("GET", f"/-/runs/{end['run']}")[0], 200)

    def test_the_receipt_that_was_told_can_be_read(self):
        node = self.start("--fn", TYPES).wait_ready()
        payloads, _ = Client(node.runtime_port).run("read", full_task("add", [3, 4]), full_task("trap", ["no"]))
        for payload in payloads:
            status, body, _ = node.request("GET", "/-/receipts/" + payload["receipt_cid"]["/"])
            self.assertEqual((status, json.loads(body)), (200, payload["receipt"]))

    def test_carries_megabytes_both_ways(self):
        node = self.start("--fn", TYPES).wait_ready()
        size = 1 << 20
        text = "A" * (size // 3 * 4)
        payloads, _ = Client(node.runtime_port).run("large", full_task("echo_bytes", [{"/": {"bytes": text}}]))
        self.assertEqual(payloads[0]["receipt"]["out"], ["ok", {"/": {"bytes": text}}])

    def test_answers_others_while_a_guest_spins_and_a_client_leaves(self):
        node = self.start("--fn", TYPES).wait_ready()
        spinning = Client(node.runtime_port)
        spinning.call("subscribe_run_workflow", [{"name": "spin", "workflow": {"tasks": [full_task("spin", [])]}}])
        spinning.socket.close()
        payloads, _ = Client(node.runtime_port).run("beside", full_task("add", [5, 6]))
        self.assertEqual(payloads[0]["receipt"]["out"], ["ok", 11])

    def test_many_connections_at_once_get_their_own(self):
        node = self.start("--fn", TYPES).wait_ready()
        problems = []

        def one(number):
            try:
                payloads, _ = Client(node.runtime_port).run("same", *[full_task("add", [number, i]) for i in range(10)])
                if sorted(payload["receipt"]["out"][1] for payload in payloads) != [number + i for i in range(10)]:
                    problems.append((number, payloads))
            except Exception as problem:  # whatever it is, the test fails with it
                problems.append((number, problem))

        threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(problems, [])

    def test_fetches_a_component_that_an_earlier_start_loaded(self):
        first = self.start("--fn", TYPES).wait_ready()
        self.assertEqual(first.stop(), 0)
        node = self.start().wait_ready()
        payloads, _ = Client(node.runtime_port).run("kept", full_task("add", [20, 22]))
        self.assertEqual(payloads[0]["receipt"]["out"], ["ok", 42])

    def test_says_goodbye_when_it_stops(self):
        node = self.start("--fn", TYPES).wait_ready()
        client = Client(node.runtime_port)
        self.assertEqual(client.call("health")["result"], {"healthy": True})
        node.process.terminate()
        with self.assertRaises(web_socket.Closed) as closed:
            client.socket.receive()
        self.assertEqual((closed.exception.code, closed.exception.reason), (1001, "the node is stopping"))
        self.assertEqual(node.process.wait(180), 0)


class PortTest(HomeTest):
    def test_says_truly_where_it_runs(self):
        node = self.start("--fn", TYPES).wait_ready()
        node.wait_for_line(f"Homestar is running at http://127.0.0.1:{node.runtime_port}")
        self.assertEqual(get(node.runtime_port, "/health"), (200, '{"healthy":true}'))

    def test_refuses_a_taken_port_that_was_asked_for(self):
        node = self.start().wait_ready()
        second = every("dev", "--home", self.folder / "other", "--port", free_port(), "--runtime-port", node.runtime_port, check=False)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(f"port {node.runtime_port} is taken", second.stderr)
        self.assertIn("--runtime-port", second.stderr)


class MetricsTest(HomeTest):
    def test_counts_what_happened(self):
        node = self.start("--fn", TYPES).wait_ready()
        node.wait_for_line("Metrics are at")
        line = next(line for line in node.lines if "Metrics are at" in line)
        port = int(line.rsplit(":", 1)[1].split("/")[0])
        client = Client(node.runtime_port)
        for _ in range(2):
            client.run("counted", full_task("add", [1, 2]), full_task("trap", ["no"]))
        status, text = get(port, "/metrics")
        self.assertEqual(status, 200)
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        self.assertEqual(values['every_tasks_total{outcome="ok"}'], "2")
        self.assertEqual(values['every_tasks_total{outcome="failed"}'], "2")
        self.assertEqual(values["every_tasks_replayed_total"], "1")
        self.assertEqual(values["every_task_duration_seconds_count"], "3")
        self.assertEqual(values["every_rpc_notifications_total"], "4")
        self.assertGreater(float(values["homestar_process_memory_bytes"]), 0)
        self.assertEqual(values["every_rpc_connections"], "1")


if __name__ == "__main__":
    unittest.main()

"""The gateway of a running node, as curl, a browser and a generated client meet it."""
import http.client
import json
import threading
import unittest
import urllib.parse

from every_process import FUNCTIONS, HomeTest, PATIENCE_S, TYPES, task

MATH = FUNCTIONS / "math.wasm"


def send(node, method, path, body=None, headers=None):
    """Status, body text and headers; `body` is text or a document."""
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE_S)
    try:
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), {k.lower(): v for k, v in answer.getheaders()}
    finally:
        connection.close()


def events_of(text):
    """(name, id or None, data) of each event of a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


class Stream:
    """An event stream that is read as it comes."""

    def __init__(self, node, path, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE_S)
        self.connection.request("GET", path, headers=headers or {})
        self.answer = self.connection.getresponse()

    def next(self):
        """The next event; none at the end."""
        block = b""
        while True:
            line = self.answer.readline()
            if not line:
                return None
            if line != b"\n":
                block += line
                continue
            found = events_of(block.decode() + "\n")
            block = b""
            if found:
                return found[0]

    def close(self):
        self.connection.close()


class ArticleTest(HomeTest):
    def test_every_way_to_call_a_function_gives_the_same(self):
        node = self.start("--fn", MATH).wait_ready()
        for method, path, body in [
            ("GET", "/add?a=3.1&b=5.2", None), ("POST", "/add", {"a": 3.1, "b": 5.2}), ("POST", "/run", {"tasks": [task("x", "add", [3.1, 5.2])]}),
            ("GET", "/math::add?a=3.1&b=5.2", None), ("POST", "/run", {"tasks": [task("x", "math::add", [3.1, 5.2])]}),
            ("POST", "/-/call/add", ["3.1", "b=5.2"]), ("POST", "/-/workflows?answer=body", {"tasks": [task("x", "add", [3.1, 5.2])]}),
        ]:
            with self.subTest(method + " " + path):
                status, text, headers = send(node, method, path, body)
                self.assertEqual((status, text, headers["content-type"]), (200, "8.3", "text/plain; charset=utf-8"))
                self.assertTrue(headers["every-run"])
                receipt = json.loads(send(node, "GET", "/-/receipts/" + headers["every-receipt"])[1])
                self.assertEqual(receipt["out"], ["ok", 8.3])
        self.assertEqual(send(node, "GET", "/add?a=3.1&b=5.2")[2]["every-replayed"], "true")
        self.assertEqual(send(node, "GET", "/add?a=3.1&b=5.2&fresh=1")[2]["every-replayed"], "false")
        self.assertEqual(send(node, "GET", "/add?a=3.1&b=5.2&fresh=0")[2]["every-replayed"], "true")

    def test_a_full_form_that_was_planned_runs_as_it_was_planned(self):
        node = self.start("--fn", MATH).wait_ready()
        body = {"tasks": [task("a", "add", [3.1, 5.2]), task("b", "divide", ["{{needs.a.output}}", 2])]}
        status, planned, _ = send(node, "POST", "/workflow", body)
        self.assertEqual(status, 200)
        answer = json.loads(send(node, "POST", "/-/workflows", planned, {"Content-Type": "application/json"})[1])
        self.assertEqual([t["output"] for t in answer["tasks"]], [8.3, 4.15])
        again = json.loads(send(node, "POST", "/-/workflows", body)[1])
        self.assertEqual(again["workflow"], answer["workflow"])
        self.assertTrue(all(t["replayed"] for t in again["tasks"]))

    def test_a_failure_carries_the_headers_of_its_run(self):
        node = self.start("--fn", MATH).wait_ready()
        status, text, headers = send(node, "POST", "/run", {"tasks": [task("d", "divide", [3.1, 0.0])]})
        error = json.loads(text)
        self.assertEqual((status, error["code"], error["task"], error["func"]), (500, "guest_trap", "d", "divide"))
        self.assertEqual(headers["every-run"], error["details"]["run"])
        self.assertEqual(headers["every-replayed"], "false")
        receipt = json.loads(send(node, "GET", "/-/receipts/" + headers["every-receipt"])[1])
        self.assertEqual(receipt["out"][0], "error")
        kept = json.loads(send(node, "GET", "/-/runs/" + headers["every-run"])[1])
        self.assertEqual(kept["state"], "failed")

    def test_schemas_stay_as_they_are_whatever_is_called(self):
        node = self.start("--fn", MATH).wait_ready()
        before = send(node, "GET", "/")[1]
        for path in ["/add?a=1&b=2", "/add/schema", "/add/workflow?a=1&b=2", "/-/functions", "/-/openapi.json", "/-/schema"]:
            self.assertEqual(send(node, "GET", path)[0], 200, path)
        self.assertEqual(send(node, "GET", "/")[1], before)
        self.assertEqual(node.run(task("x", "add", [1, 2]))[1], "3")

    def test_a_mistake_is_told_by_status_and_words(self):
        node = self.start("--fn", MATH).wait_ready()
        json_type = {"Content-Type": "application/json"}
        for method, path, body, headers, status, words in [
            ("GET", "/nosuch", None, {}, 404, "Not found"),
            ("POST", "/run", {"tasks": [task("x", "nosuch", [1])]}, {}, 400, "allowedValues"),
            ("POST", "/run", "{", json_type, 400, "Malformed JSON"),
            ("POST", "/run", "{}", {"Content-Type": "text/plain"}, 400, "Invalid HTTP header: Content-Type=text/plain"),
            ("POST", "/run", {"tasks": []}, {}, 400, "minItems"),
            ("POST", "/run", {"tasks": [task("x", "add", [1])]}, {}, 400, "must NOT have fewer than 2 items"),
            ("POST", "/run", {"tasks": [task("x", "add", [1, "two"])]}, {}, 400, "must be number"),
            ("GET", "/add?a=one&b=2", None, {}, 400, "must be number"),
            ("GET", "/add?a=1", None, {}, 400, "must have required property 'b'"),
            ("GET", "/add?a=1&b=2&c=3", None, {}, 400, "additionalProperties"),
            ("GET", "/add?a=%zz&b=2", None, {}, 400, "hexadecimal"),
            ("DELETE", "/-/runs", None, {}, 405, "GET"),
            ("GET", "/-/nosuch", None, {}, 404, "not_found"),
            ("GET", "/-/runs/nosuch", None, {}, 404, "not known"),
            ("GET", "/-/receipts/nosuch", None, {}, 400, "malformed"),
            ("GET", "/", None, {"Host": "evil.example"}, 403, "permission_denied"),
            ("GET", "/", None, {"Origin": "https://evil.example"}, 403, "permission_denied"),
        ]:
            with self.subTest(f"{method} {path} {body}"):
                got, text, _ = send(node, method, path, body, headers)
                self.assertEqual(got, status, text)
                self.assertIn(words, text)

    def test_two_components_of_equal_names_are_told_apart(self):
        other = self.folder / "other.wasm"
        other.write_bytes(TYPES.read_bytes())
        node = self.start("--fn", MATH, "--fn", other).wait_ready()
        names = [name for name, _ in json.loads(send(node, "GET", "/")[1])]
        self.assertIn("math::add", names)
        self.assertIn("other::add", names)
        status, text, _ = send(node, "GET", "/add?a=1&b=2")
        self.assertEqual(status, 409)
        self.assertIn("math::add", text)
        for label in ["math", "other"]:
            self.assertEqual(send(node, "GET", f"/{label}::add?a=1&b=2")[:2], (200, "3"))
        # The label is no part of what is hashed.
        self.nodes[0].stop()
        alone = self.start("--fn", MATH).wait_ready()
        self.assertEqual(send(alone, "GET", "/add?a=1&b=2")[2]["every-replayed"], "true")


class TypesTest(HomeTest):
    def test_values_of_every_type_go_the_same_way_through_every_route(self):
        node = self.start("--fn", TYPES).wait_ready()
        for func, value, text in [
            ("echoBool", True, "true"), ("echoU64", 18446744073709551615, "18446744073709551615"), ("echoS32", -5, "-5"), ("echoF64", 0.1, "0.1"),
            ("echoChar", "\u00e9", "\u00e9"), ("echoString", "null", "null"), ("echoBytes", "aGVsbG8=", "hello"), ("echoListS32", [1, -2], "[1,-2]"),
            ("echoMatrix", [[1.5], []], "[[1.5],[]]"), ("echoOptionU32", 7, "7"), ("echoOptionU32", None, "null"), ("echoOptionOption", [None], "[null]"),
            ("echoResult", {"ok": 4}, "4"), ("echoResultEmpty", {"ok": None}, "null"), ("echoTuple", [1, "a", False], '[1,"a",false]'),
            ("echoPoint", {"x": 1, "y": -1}, '{"x":1,"y":-1}'), ("echoShape", {"tag": "circle", "val": 2.5}, '{"circle":2.5}'),
            ("echoShape", "nothing", '{"nothing":null}'), ("echoColor", "dark-blue", "dark-blue"), ("echoPermissions", ["read", "execute"], '["read","execute"]'),
            ("echoPairs", [["a", 1]], '[["a",1]]'),
        ]:
            with self.subTest(f"{func} {value}"):
                written = value if isinstance(value, str) else json.dumps(value)
                by_query = send(node, "GET", f"/{func}?{urllib.parse.urlencode({'v': written})}")
                by_body = send(node, "POST", f"/{func}", {"v": value})
                by_run = node.run(task("x", func, [value]))
                self.assertEqual([by_query[:2], by_body[:2], by_run[:2]], [(200, text)] * 3)

    def test_an_error_value_is_422_and_raw_gives_the_pair(self):
        node = self.start("--fn", TYPES).wait_ready()
        status, text, headers = send(node, "POST", "/echoResult", {"v": {"err": "too late"}})
        error = json.loads(text)
        self.assertEqual((status, error["code"], error["details"]["err"]), (422, "guest_error", "too late"))
        self.assertTrue(headers["every-receipt"])
        self.assertEqual(send(node, "POST", "/echoResult?raw", {"v": {"err": "too late"}})[:2], (200, '[null,"too late"]'))
        self.assertEqual(send(node, "POST", "/echoResult?raw", {"v": {"ok": 1}})[:2], (200, "[1,null]"))

    def test_a_function_without_parameters_works_everywhere(self):
        node = self.start("--fn", TYPES).wait_ready()
        for method, path, body in [("GET", "/nothing", None), ("POST", "/nothing", None), ("POST", "/nothing", {}), ("POST", "/run", {"tasks": [task("x", "nothing", [])]}),
                                   ("POST", "/run", {"tasks": [{"run": {"name": "x", "input": {"func": "nothing"}}}]}), ("POST", "/-/call/nothing", [])]:
            with self.subTest(f"{method} {path} {body}"):
                self.assertEqual(send(node, method, path, body)[:2], (200, "null"))


class RunsTest(HomeTest):
    def test_the_same_key_is_the_same_run_also_after_a_restart(self):
        node = self.start("--fn", MATH).wait_ready()
        body = {"tasks": [task("a", "add", [1, 2])]}
        key = {"Idempotency-Key": "order-1"}
        status, text, headers = send(node, "POST", "/-/runs", body, key)
        self.assertEqual(status, 202, text)
        location = headers["location"]
        done = json.loads(send(node, "GET", location + "?wait=60s")[1])
        self.assertEqual((done["state"], done["tasks"][0]["output"]), ("completed", 3))
        node.kill()
        again = self.start("--fn", MATH).wait_ready()
        status, text, headers = send(again, "POST", "/-/runs", body, key)
        self.assertEqual((status, headers["location"]), (202, location))
        self.assertEqual(json.loads(text)["state"], "completed")
        status, text, _ = send(again, "POST", "/-/runs", {"tasks": [task("a", "add", [1, 3])]}, key)
        self.assertEqual(status, 409, text)
        self.assertEqual(len(json.loads(send(again, "GET", "/-/runs")[1])["runs"]), 1)

    def test_many_at_once_under_one_key_make_one_run(self):
        node = self.start("--fn", MATH).wait_ready()
        body = {"tasks": [task("a", "add", [1, 2])]}
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(send(node, "POST", "/-/runs", body, {"Idempotency-Key": "k"}))) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({status for status, _, _ in answers}, {202})
        self.assertEqual(len({headers["location"] for _, _, headers in answers}), 1)
        self.assertEqual(len(json.loads(send(node, "GET", "/-/runs")[1])["runs"]), 1)

    def test_a_cancelled_run_ends_with_one_outcome_a_task(self):
        node = self.start("--fn", TYPES).wait_ready()
        body = {"tasks": [task("a", "add", [1, 2]), task("s", "spin", []), task("t", "spin", [])]}
        location = send(node, "POST", "/-/runs", body)[2]["location"]
        stream = Stream(node, location + "/events")
        first = stream.next()
        self.assertEqual((first[0], first[1], first[2]["output"]), ("task", "0", 3))
        status, text, _ = send(node, "POST", location + "/cancel")
        self.assertEqual(status, 200, text)
        self.assertEqual([t["state"] for t in json.loads(text)["tasks"]], ["ok", "cancelled", "cancelled"])
        rest = [stream.next() for _ in range(3)]
        self.assertEqual([name for name, _, _ in rest], ["task", "task", "end"])
        self.assertEqual(rest[2][2]["state"], "cancelled")
        self.assertIsNone(stream.next())
        stream.close()
        self.assertEqual(send(node, "GET", "/add?a=3&b=4")[1], "7")

    def test_a_reader_that_comes_back_misses_nothing(self):
        node = self.start("--fn", TYPES).wait_ready()
        body = {"tasks": [task("a", "add", [1, 2]), task("b", "add", [3, 4]), task("s", "spin", [])]}
        location = send(node, "POST", "/-/runs", body)[2]["location"]
        stream = Stream(node, location + "/events")
        seen = [stream.next(), stream.next()]
        stream.close()
        self.assertEqual({data["task"] for _, _, data in seen}, {0, 1})
        last = seen[-1][1]
        node.kill()
        # The run is taken up again; the reader's id means the same to another process.
        again = self.start("--fn", TYPES).wait_ready()
        self.assertEqual(send(again, "POST", location + "/cancel")[0], 200)
        events = events_of(send(again, "GET", location + "/events", headers={"Last-Event-ID": last})[1])
        self.assertEqual([(name, data.get("task")) for name, _, data in events], [("task", 2), ("end", None)])
        whole = events_of(send(again, "GET", location + "/events")[1])
        self.assertEqual([name for name, _, _ in whole], ["task", "task", "task", "end"])
        self.assertEqual(send(again, "GET", location + "/events", headers={"Last-Event-ID": "end"})[0], 204)

    def test_what_guests_write_is_in_events_and_logs(self):
        node = self.start("--fn", MATH).wait_ready()
        headers = node.run(task("a", "add", [1, 2]))[2]
        run = "/-/runs/" + headers["Every-Run"]
        events = events_of(send(node, "GET", run + "/events")[1])
        self.assertEqual([name for name, _, _ in events], ["log", "task", "end"])
        lines = json.loads(send(node, "GET", run + "/logs")[1])["lines"]
        self.assertEqual(lines, [events[0][2]])

    def test_a_client_that_goes_away_leaves_its_run(self):
        node = self.start("--fn", TYPES).wait_ready()
        connection = http.client.HTTPConnection("127.0.0.1", node.port)
        connection.request("POST", "/run", json.dumps({"tasks": [task("s", "spin", [])]}), {"Content-Type": "application/json"})
        node.wait_for_line("starting workflow")
        connection.close()
        runs = json.loads(send(node, "GET", "/-/healthz")[1])["active_runs"]
        self.assertEqual(runs, 1)


class DescriptionTest(HomeTest):
    def test_every_example_of_the_openapi_document_works(self):
        node = self.start("--fn", MATH).wait_ready()
        document = json.loads(send(node, "GET", "/-/openapi.json")[1])
        tried = 0
        for path, item in document["paths"].items():
            for method, operation in item.items():
                content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                if "example" in content:
                    status, text, _ = send(node, method.upper(), path, content["example"])
                    self.assertIn(status, (200, 202), f"{method} {path}: {text}")
                    tried += 1
                query = [p for p in operation.get("parameters", []) if p.get("in") == "query" and p.get("required")]
                if method == "get" and query and "{" not in path:
                    words = "&".join(f"{p['name']}={p['example']}" for p in query)
                    status, text, _ = send(node, "GET", f"{path}?{words}")
                    self.assertEqual(status, 200, f"{path}?{words}: {text}")
                    tried += 1
        self.assertEqual(tried, 8)  # two functions by query and by body, four addresses that take a workflow

    def test_functions_are_described_with_their_component(self):
        node = self.start("--fn", MATH).wait_ready()
        told = json.loads(send(node, "GET", "/-/functions")[1])
        self.assertEqual([f["name"] for f in told["functions"]], ["add", "divide"])
        component = told["components"][0]
        self.assertEqual((component["label"], component["language"], component["size"]), ("math", "rust", MATH.stat().st_size))
        self.assertIn("export add: func(", component["wit"])
        self.assertEqual(told["functions"][0]["component"], component["cid"])


class BrowserTest(HomeTest):
    def test_a_preflight_and_the_request_after_it_are_admitted(self):
        node = self.start("--fn", MATH).wait_ready()
        page = {"Origin": "http://localhost:5173"}
        status, _, headers = send(node, "OPTIONS", "/-/runs", headers={**page, "Access-Control-Request-Method": "POST",
                                                                      "Access-Control-Request-Headers": "content-type,idempotency-key"})
        self.assertEqual(status, 204)
        self.assertEqual(headers["access-control-allow-origin"], page["Origin"])
        self.assertIn("Idempotency-Key", headers["access-control-allow-headers"])
        status, _, headers = send(node, "GET", "/add?a=1&b=2", headers=page)
        self.assertEqual((status, headers["access-control-allow-origin"]), (200, page["Origin"]))
        self.assertIn("Every-Receipt", headers["access-control-expose-headers"])

    def test_head_answers_as_get_without_a_body(self):
        node = self.start("--fn", MATH).wait_ready()
        for path in ["/", "/add?a=1&b=2", "/add/schema", "/-/healthz", "/-/functions", "/-/openapi.json", "/-/runs"]:
            with self.subTest(path):
                status, text, headers = send(node, "HEAD", path)
                self.assertEqual((status, text), (200, ""))
                whole = send(node, "GET", path)
                self.assertEqual(headers["content-type"], whole[2]["content-type"])


if __name__ == "__main__":
    unittest.main()

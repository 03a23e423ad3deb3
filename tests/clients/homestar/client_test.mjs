// The original's JavaScript client, unchanged, against a node of ours. EVERY_BINARY says which binary.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { WebsocketTransport } from '@fission-codes/channel/transports/ws.js'
import { Homestar } from '@fission-codes/homestar'
import * as Workflow from '@fission-codes/homestar/workflow'

// The package does not export what it judges by; it is there all the same.
const schemas = await import(new URL('./schemas.js', import.meta.resolve('@fission-codes/homestar')))

const PATIENCE_MS = 120_000
const here = path.dirname(fileURLToPath(import.meta.url))

/** `every dev` in a home of its own. */
class Node {
  constructor(home, port) {
    this.output = ''
    this.process = spawn(process.env.EVERY_BINARY, ['dev', '--home', home, '--port', '0', '--metrics-port', '0', '--runtime-port', String(port ?? 0),
      '--fn', path.join(here, 'image.wat')], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.ended = new Promise((resolve) => this.process.once('exit', resolve))
    this.ready = new Promise((resolve, reject) => {
      const read = (part) => {
        this.output += part
        const runtime = /Homestar is running at .*http:\/\/127\.0\.0\.1:(\d+)/.exec(this.output)
        const gateway = /Local: +.*http:\/\/127\.0\.0\.1:(\d+)/.exec(this.output)
        if (runtime && gateway) {
          this.port = Number(runtime[1])
          this.gateway = Number(gateway[1])
          resolve()
        }
      }
      this.process.stdout.on('data', read)
      this.process.stderr.on('data', read)
      this.process.once('exit', () => reject(new Error(`every dev ended:\n${this.output}`)))
    })
  }

  async resource() {
    const response = await fetch(`http://127.0.0.1:${this.gateway}/pattern/workflow?width=1&height=1`)
    return (await response.json()).workflow.tasks[0].run.rsc
  }

  stop(signal = 'SIGTERM') {
    this.process.kill(signal)
    return this.ended
  }
}

let home, node, resource
before(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'every-client-'))
  node = new Node(path.join(home, 'home'))
  await node.ready
  resource = await node.resource()
})
after(async () => {
  await node?.stop()
  rmSync(home, { recursive: true, force: true })
})

const connect = (port = node.port) => new Homestar({ transport: new WebsocketTransport(`ws://127.0.0.1:${port}`) })

/** Runs a workflow and gives its notifications once there is one for each task; fails when they do not come. */
async function run(client, workflow) {
  const told = []
  let all
  const complete = new Promise((resolve) => (all = resolve))
  const { error } = await client.runWorkflow(workflow, (notification) => {
    told.push(notification)
    if (told.length === workflow.workflow.tasks.length) all()
  })
  if (error) throw error
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${told.length} of ${workflow.workflow.tasks.length} notifications came`)), PATIENCE_MS)
  })
  await Promise.race([complete, late]).finally(() => clearTimeout(timer))
  return told
}

const addOnes = (name, first, count) =>
  Workflow.workflow({
    name,
    workflow: {
      tasks: Array.from({ length: count }, (_, i) =>
        Workflow.addOne({ name: `add${i}`, resource, args: { a: i === 0 ? first : `{{needs.add${i - 1}.output}}` } })),
    },
  })

const outs = (told) => told.map((each) => each.receipt.out)

test('tells its health, its numbers and who it is', async () => {
  const client = connect()
  assert.deepEqual((await client.health()).result, { healthy: true })
  schemas.Node.parse((await client.node()).result)
  const { metrics } = (await client.metrics()).result
  assert.ok(metrics.some((each) => each.metric_name === 'homestar_system_used_memory_bytes'))
  // The client's own schema knows metrics without labels only: the original's are such.
  schemas.Metrics.parse({ metrics: metrics.filter((each) => each.metric_name.startsWith('homestar_')) })
  client.close()
})

test('runs a chain whose CIDs the client computed', async () => {
  const client = connect()
  const told = await run(client, await addOnes('chain', 1, 3))
  assert.deepEqual(outs(told), [['ok', 2], ['ok', 3], ['ok', 4]])
  for (const each of told) schemas.WorkflowNotification.parse(each)
  assert.equal(told[0].metadata.name, 'chain')
  client.close()
})

test('sends bytes out of one task into the next', async () => {
  const client = connect()
  const rotations = Array.from({ length: 4 }, (_, i) =>
    Workflow.rotate90({ name: `turn${i}`, resource, args: { data: `{{needs.${i === 0 ? 'image' : `turn${i - 1}`}.output}}` } }))
  const image = Workflow.invocation({ name: 'image', resource, func: 'pattern', args: [3, 2] })
  const told = await run(client, await Workflow.workflow({ name: 'image', workflow: { tasks: [image, ...rotations] } }))
  assert.ok(told[0].receipt.out[1] instanceof Uint8Array)
  assert.deepEqual([...told[0].receipt.out[1]], [3, 2, 0, 1, 2, 16, 17, 18])
  assert.deepEqual([...told[1].receipt.out[1]], [2, 3, 16, 0, 17, 1, 18, 2])
  assert.deepEqual(told[4].receipt.out[1], told[0].receipt.out[1])
  client.close()
})

test('takes bytes that stand in the workflow', async () => {
  const client = connect()
  const task = Workflow.invocation({ name: 'turn', resource, func: 'rotate90', args: [] })
  delete task.run.name
  task.run.input.args = [{ '/': { bytes: Buffer.from([1, 2, 7, 9]).toString('base64').replaceAll('=', '') } }]
  const told = await run(client, { name: 'bytes', workflow: { tasks: [task] } })
  assert.deepEqual([...told[0].receipt.out[1]], [2, 1, 9, 7])
  client.close()
})

test('takes content by its CID', async () => {
  const client = connect()
  // An identity CID holds its content itself: 1, 2, 7, 9.
  const task = Workflow.rotate90({ name: 'turn', resource, args: { data: '{{cid:bafkqababaidqs}}' } })
  const told = await run(client, await Workflow.workflow({ name: 'cid', workflow: { tasks: [task] } }))
  assert.deepEqual([...told[0].receipt.out[1]], [2, 1, 9, 7])
  client.close()
})

test('loses no notification of a thousand replays in a row', async () => {
  const client = connect()
  const workflow = await addOnes('replays', 100, 5)
  await run(client, workflow)
  for (let i = 0; i < 1000; i++) {
    const told = await run(client, workflow)
    assert.equal(told.length, 5)
    assert.ok(told.every((each) => each.metadata.replayed))
  }
  client.close()
})

test('tells each entry of a failing workflow once', async () => {
  const client = connect()
  const fail = (name, a) => Workflow.invocation({ name, resource, func: 'fail', args: [a] })
  const workflow = await Workflow.workflow({
    name: 'failing',
    workflow: { tasks: [fail('a', 1), Workflow.addOne({ name: 'b', resource, args: { a: '{{needs.a.output}}' } }), Workflow.addOne({ name: 'c', resource, args: { a: 5 } })] },
  })
  const told = await run(client, workflow)
  for (const each of told) schemas.WorkflowNotification.parse(each)
  const codes = outs(told).map(([tag, value]) => (tag === 'ok' ? value : value.code)).sort()
  assert.deepEqual(codes, [6, 'dependency_failed', 'guest_trap'])
  client.close()
})

test('tells two equal tasks twice', async () => {
  const client = connect()
  const twice = ['a', 'b'].map((name) => Workflow.addOne({ name, resource, args: { a: 41 } }))
  assert.deepEqual(outs(await run(client, await Workflow.workflow({ name: 'twice', workflow: { tasks: twice } }))), [['ok', 42], ['ok', 42]])
  client.close()
})

test('says why it does not run a workflow', async () => {
  const client = connect()
  const workflow = await addOnes('bad', 1, 1)
  delete workflow.workflow.tasks[0].run.input.args
  const { error } = await client.runWorkflow(workflow)
  assert.match(error.message, /not able to run workflow bafyrmi/)
  assert.match(error.cause.data, /args/)
  client.close()
})

test('keeps the runs of many clients apart', async () => {
  const clients = Array.from({ length: 20 }, () => connect())
  await Promise.all(clients.map(async (client, n) => {
    // Every second client runs the same workflow under the same name.
    const first = n % 2 === 0 ? 1000 : 1000 + n
    const told = await run(client, await addOnes('same', first, 4))
    assert.deepEqual(outs(told), [1, 2, 3, 4].map((i) => ['ok', first + i]))
  }))
  for (const client of clients) client.close()
})

test('ends a subscription without an error', async () => {
  const client = connect()
  const errors = []
  client.on('error', (error) => errors.push(error))
  await run(client, await addOnes('ending', 1, 2))
  await client.health() // sent after the client's own unsubscribing, so answered after it
  assert.deepEqual(errors, [])
  client.close()
})

test('subscribes to network events and ends it', async () => {
  const client = connect()
  const errors = []
  client.on('error', (error) => errors.push(error))
  const { result, error } = await client.networkEvents(() => {})
  assert.equal(error, undefined)
  result()
  await client.health()
  assert.deepEqual(errors, [])
  client.close()
})

test('goes on after the node was killed and started again', async () => {
  const own = path.join(home, 'killed')
  let other = new Node(own)
  await other.ready
  const workflow = await addOnes('again', 7, 3)
  let client = connect(other.port)
  await run(client, workflow)
  client.on('error', () => {}) // the broken connection
  await other.stop('SIGKILL')
  const { port } = other
  other = new Node(own, port)
  await other.ready
  client.close()
  client = connect(port)
  const told = await run(client, workflow)
  assert.ok(told.every((each) => each.metadata.replayed))
  client.close()
  await other.stop()
})

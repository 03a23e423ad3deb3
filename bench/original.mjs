// The original's JavaScript client, unchanged, against the original and against a node of ours: prints one JSON object of milliseconds.
// Environment: EVERY_BINARY, EVERY_ORIGINAL, EVERY_COMPONENT (a component with add_one). Run by original.py beside the client's packages.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect as dial, createServer as listen } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { WebsocketTransport } from '@fission-codes/channel/transports/ws.js'
import { Homestar } from '@fission-codes/homestar'
import * as Workflow from '@fission-codes/homestar/workflow'

const CHAIN = 200
const KNOWN = 10 // tasks of the chain that is replayed
const REPLAYS = 100
const MOST_LOST = 40
const PATIENCE_MS = 180_000

const home = mkdtempSync(path.join(tmpdir(), 'every-original-'))
const children = []
const component = readFileSync(process.env.EVERY_COMPONENT)

const freePort = () => new Promise((resolve) => {
  const server = listen().listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

function start(command, words, options) {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  child.text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (child.text = (child.text + part).slice(-20000)))
  children.push(child)
  return child
}

async function until(what, child, ready) {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await ready()
    if (found) return found
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${what} did not start:\n${child.text}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const answers = (port) => new Promise((resolve) => {
  const socket = dial(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
  socket.on('error', () => resolve(false))
})

async function startOurs() {
  // What is made of it is put beside it.
  const copy = path.join(home, 'image.wat')
  writeFileSync(copy, component)
  const child = start(process.env.EVERY_BINARY, ['dev', '--home', path.join(home, 'every'), '--port', '0', '--metrics-port', '0', '--runtime-port', '0', '--fn', copy])
  const port = (label) => Number(new RegExp(`${label} .*http://127\\.0\\.0\\.1:(\\d+)`).exec(child.text)?.[1])
  await until('every dev', child, async () => port('Homestar is running at') && port('Local:'))
  const planned = await fetch(`http://127.0.0.1:${port('Local:')}/add_one/workflow?a=1`)
  const text = await planned.text()
  if (!planned.ok) throw new Error(text)
  return { port: port('Homestar is running at'), resource: JSON.parse(text).workflow.tasks[0].run.rsc }
}

/** What the original asks of a Kubo: the component, and to keep its receipts, which nobody asks for again. */
async function startKubo() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (request.url.startsWith('/api/v0/cat')) return response.end(component)
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ Cid: { '/': 'bafyrmiczrugtx6jj42qbwd2ctlmj766th2nwzfsqmvathjdxk63rwkkvpi' } }))
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function startOriginal(kubo) {
  const port = await freePort()
  const settings = path.join(home, 'settings.toml')
  writeFileSync(settings, `[node]
[node.network.metrics]
port = ${await freePort()}
[node.network.rpc]
port = ${await freePort()}
[node.network.webserver]
port = ${port}
[node.network.ipfs]
port = ${kubo.address().port}
[node.monitoring]
console_subscriber_port = ${await freePort()}
`)
  const child = start(process.env.EVERY_ORIGINAL, ['start', '-c', settings, '--db', path.join(home, 'homestar.db')], { cwd: home, env: { ...process.env, HOME: home, RUST_LOG: 'warn' } })
  await until('the original', child, () => answers(port))
  return port
}

/** Runs a chain that begins with a number until its last task was told of: the original now and then tells the first one before anybody listens. out: milliseconds */
function run(client, workflow, last, patience = PATIENCE_MS) {
  const begin = performance.now()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${workflow.name}: the end was not told within ${patience} ms`)), patience)
    client.runWorkflow(workflow, (told) => {
      if (told.receipt.out[1] !== last) return
      clearTimeout(timer)
      resolve(performance.now() - begin)
    }).then(({ error }) => error && reject(error))
  })
}

async function measure(port, resource) {
  const client = new Homestar({ transport: new WebsocketTransport(`ws://127.0.0.1:${port}`) })
  const addOnes = (first, count) => Workflow.workflow({
    name: `chain${first}`,
    workflow: { tasks: Array.from({ length: count }, (_, i) =>
      Workflow.addOne({ name: `add${i}`, resource, args: { a: i === 0 ? first : `{{needs.add${i - 1}.output}}` } })) },
  })
  await run(client, await addOnes(1, 2), 3) // the component is fetched and compiled
  const fresh = await run(client, await addOnes(1000, CHAIN), 1000 + CHAIN)
  const known = await addOnes(5000, KNOWN)
  await run(client, known, 5000 + KNOWN)
  const times = []
  let lost = 0
  while (times.length < REPLAYS && lost < MOST_LOST) {
    try { times.push(await run(client, known, 5000 + KNOWN, 1000)) } catch { lost++ }
  }
  client.close()
  if (times.length === 0) throw new Error('the end of no replay was told')
  times.sort((a, b) => a - b)
  return { fresh: fresh / CHAIN, replay: times[Math.floor(times.length / 2)] / KNOWN, replays: times.length, lost }
}

try {
  const kubo = await startKubo()
  const ours = await startOurs()
  const result = { ours: await measure(ours.port, ours.resource) }
  result.original = await measure(await startOriginal(kubo), ours.resource)
  console.log(JSON.stringify(result))
  process.exitCode = 0
} catch (error) {
  console.error(String(error?.stack ?? error))
  process.exitCode = 1
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
  process.exit()
}

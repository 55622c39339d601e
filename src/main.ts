// Sallyport's entrance: the command line, with the two commands that run the gateway.
//
// Rule 1: while the gateway runs, standard output is its log; what a reader is told goes to standard error.

import { readFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { NoGateway } from './admin/client.ts'
import { OperationError } from './admin/operation.ts'
import { status } from './admin/status.ts'
import { runCli } from './cli/cli.ts'
import { EXIT, type Command, type CommandContext } from './cli/command.ts'
import { conformanceCommands } from './cli/conformance.ts'
import { shorter } from './cli/errors.ts'
import { readExample } from './cli/example.ts'
import { showFindings } from './cli/findings.ts'
import { tone } from './cli/output.ts'
import { makeExample } from './lab/example.ts'
import { readResidents } from './lab/residents.ts'
import { makeEvaluation } from './lab/setup.ts'
import { Running } from './running.ts'

const version = versionOf(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')))

const NOTES = [
  'Standard output is the log: a line of JSON for each event, or columns on a terminal.',
  'SIGTERM or SIGINT takes leave of peers one after another and then ends; a second one hastens it.',
  'Exit code 78: the configuration is faulty, and nothing listens; with --json one document, {"findings": […]}, says why.',
]

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

const serve: Command = {
  name: 'serve',
  noNotice: true,
  about: 'Runs the gateway in the foreground until it gets SIGTERM or SIGINT.',
  notes: NOTES,
  run,
}

const start: Command = {
  name: 'start',
  noNotice: true,
  about: 'Like serve; in a fresh checkout it first makes an evaluation set-up with a lab to talk to.',
  options: {
    example: {
      value: 'NAME',
      about: 'Make that of a worked example (federation-config/examples/), whose cases `sallyport demo` then plays.',
    },
  },
  notes: NOTES,
  async run(context) {
    const { directory, output, now } = context
    const name = context.arguments.option('example')
    const example = name === undefined ? undefined : await readExample(name)
    const fresh = await access(join(directory, 'federation-config', 'gateway.yaml')).then(
      () => false,
      () => true,
    )
    if (fresh) {
      const written = await (example ? makeExample(directory, example, now()) : makeEvaluation(directory, now()))
      output.beside.line(
        tone('good', `Made an evaluation set-up${example ? ` of the example ${example.name}` : ''}`),
        `: ${written.length} files in federation-config/ and certs/.`,
      )
    } else if (example && (await readResidents(directory)).example !== example.name) {
      throw new OperationError(
        'conflict',
        `there is another configuration in ${join(directory, 'federation-config')}`,
        `Give the example a directory of its own: npm start -- --example ${example.name} --directory var/${example.name}`,
      )
    }
    return run(context)
  },
}

async function run({ directory, output, ask }: CommandContext): Promise<number> {
  const { asked, again } = signals()
  await alone(ask, directory)
  const started = await Running.start({ directory, version })
  const { findings } = started
  if (!started.ok) {
    output.answer({ findings }, () => {
      showFindings(output.beside, findings)
      output.beside.line(tone('bad', 'Nothing was started: mend the above.'))
    })
    return EXIT.configuration
  }
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  showFindings(output.beside, warnings)
  const { running } = started
  if (running.status().evaluation) {
    const where = directory === process.cwd() ? '' : ` --directory ${shorter(directory)}`
    output.beside.line(
      tone('strong', `The gateway runs, with its lab. In a second terminal: npx sallyport demo${where}`),
    )
  }
  await asked
  void again.then(() => running.hasten())
  await running.leave()
  await running[Symbol.asyncDispose]()
  return EXIT.fine
}

/** The first signal to end, and the second one; a third ends the process by itself. */
function signals(): { readonly asked: Promise<void>; readonly again: Promise<void> } {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let heard = 0
  const hear = (): void => {
    heard += 1
    if (heard === 1) return first.resolve()
    second.resolve()
    for (const signal of SIGNALS) process.off(signal, hear)
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return { asked: first.promise, again: second.promise }
}

/** Two gateways in one directory would fight over ports, records and the control socket. */
async function alone(ask: CommandContext['ask'], directory: string): Promise<void> {
  const running = await ask(status, {}).catch((error: unknown) => {
    if (error instanceof NoGateway) return undefined
    throw error
  })
  if (!running) return
  throw new OperationError(
    'conflict',
    `a gateway is running in ${directory} already, process ${running.pid}`,
    'Use it (`sallyport status`), or stop it before starting one here.',
  )
}

function versionOf(about: unknown): string {
  const named = typeof about === 'object' && about !== null && 'version' in about ? about.version : undefined
  return typeof named === 'string' ? named : 'unknown'
}

// Whoever reads our output may have seen enough: `sallyport status | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.fine)
  throw error
})

process.exitCode = await runCli(process.argv.slice(2), {
  commands: [serve, start, ...conformanceCommands(version)],
  version,
})

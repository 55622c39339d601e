// A copy of the installation, for what must not happen to the instance that serves all cases: files that are gone, and
// commands that make new ones.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { freePorts, type Ports } from './instance.ts'

export interface CopyOptions {
  readonly script: string
  /** What is copied, and the ports of whatever runs from there. */
  readonly directory: string
  readonly ports: Ports
  readonly host: string
  readonly command: readonly string[]
  /** A file that is taken away, and one that everybody may read. */
  readonly without?: string | undefined
  readonly open?: string | undefined
  /** One that is no YAML any more. */
  readonly spoiled?: string | undefined
}

/** How a command ended; undefined: it had to be stopped. */
export interface Ended {
  readonly code: number | undefined
  readonly said: string
}

const PATIENCE_MS = 60_000
/** What an installation is made of, without what the running instance keeps. */
const PARTS = ['certs', 'federation-config'] as const

/** A list that is about to take the place of another. */
const isUnfinished = (name: string): boolean => name.endsWith('.new')

/** Runs a command of the program in a copy, which is taken away after it. */
export async function runInCopy(o: CopyOptions): Promise<Ended> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-conformance-copy-'))
  try {
    for (const part of PARTS)
      await cp(join(o.directory, part), join(directory, part), {
        recursive: true,
        filter: (name) => !isUnfinished(name),
      })
    await move(directory, o)
    if (o.without !== undefined) await rm(join(directory, o.without))
    if (o.spoiled !== undefined) await writeFile(join(directory, o.spoiled), '{ this is\n  - no: [YAML\n')
    if (o.open !== undefined) await chmod(join(directory, o.open), 0o644)
    return await run(o.script, o.command, directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** What listens there gets ports of its own: that those of the instance are taken must not be why it ends. */
async function move(directory: string, { ports, host }: CopyOptions): Promise<void> {
  const file = join(directory, 'federation-config/gateway.yaml')
  const [federation, direct, core] = await freePorts(host, 3)
  const settings = (await readFile(file, 'utf8'))
    .replaceAll(`"port": ${ports.federation}`, `"port": ${federation}`)
    .replaceAll(`"port": ${ports.direct}`, `"port": ${direct}`)
    .replaceAll(`"port": ${ports.core}`, `"port": ${core}`)
  await writeFile(file, settings)
}

/**
 * Runs a command for the installation in a directory.
 * @param types what somebody types who sits at a terminal; absent: a script runs it, whose owner has accepted the notice
 */
export async function run(
  script: string,
  command: readonly string[],
  directory: string,
  types?: string,
): Promise<Ended> {
  const words = [script, ...command, '--directory', directory]
  const accepted = types === undefined ? { SALLYPORT_NOTICE: 'accepted' } : {}
  const [program, ...rest] =
    types === undefined ? [process.execPath, ...words] : atTerminal([process.execPath, ...words])
  const child = spawn(program!, rest, {
    ...{ cwd: directory, env: { ...process.env, ...accepted }, stdio: ['pipe', 'pipe', 'pipe'] },
  })
  // Whoever ends before it has read what was typed is none of our business.
  child.stdin.on('error', () => undefined)
  if (types === undefined) child.stdin.end()
  else child.stdin.write(types)
  let said = ''
  const hear = (data: Buffer): void => void (said += data.toString())
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await once(child, 'close')
  child.stdin.destroy()
  clearTimeout(timer)
  return { code: child.exitCode ?? undefined, said }
}

/** By `script` of util-linux, which gives a program a terminal and ends as it does. */
const atTerminal = (words: readonly string[]): readonly string[] => [
  ...['script', '--quiet', '--return', '--command'],
  ...[words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' '), '/dev/null'],
]

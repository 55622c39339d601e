// A machine of an operator, as far as a test needs one: folders of this machine (`/etc/prosody`) as private copies, in a
// mount namespace, so that a server as Debian installs it runs on its own paths and nothing of the real machine changes.
// Files are written by the names that the operator knows; what quickstart prints is done to them to the letter.

import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMap, isSeq, parse, parseDocument } from 'yaml'
import * as z from 'zod'
import { temporaryFolder } from './pki.ts'
import { Program, run } from './program.ts'
import type { Cleanup, ProgramOptions } from './program.ts'

/** A step of quickstart's instructions for the core. */
export const Step = z.object({
  about: z.string(),
  action: z.enum(['write', 'set', 'add', 'delete', 'run', 'read']),
  file: z.string().optional(),
  lines: z.string(),
})
export type Step = z.infer<typeof Step>

export interface MachineOptions {
  /** Folders of the real machine that it has copies of, with owners and modes. */
  readonly copies: readonly string[]
  /** Folders, there on the real machine, that are empty on this one; `owner` may write there. */
  readonly empty?: readonly string[]
  readonly owner?: string
  /** The DNS server in its /etc/resolv.conf. */
  readonly dns?: string
}

const RESOLV = '/etc/resolv.conf'

export class Machine {
  readonly #root: string
  readonly #mounts = new Map<string, string>()

  private constructor(root: string) {
    this.#root = root
  }

  /** Needs root: mount, chown. */
  static async make(t: Cleanup, o: MachineOptions): Promise<Machine> {
    const machine = new Machine(await temporaryFolder(t))
    for (const folder of o.copies) {
      await mkdir(dirname(machine.path(folder)), { recursive: true })
      await must('cp', '--archive', folder, machine.path(folder))
      machine.#mounts.set(folder, machine.path(folder))
    }
    for (const folder of o.empty ?? []) {
      await machine.makeFolder(folder, o.owner)
      machine.#mounts.set(folder, machine.path(folder))
    }
    if (o.dns !== undefined) {
      await machine.write(RESOLV, `nameserver ${o.dns}\n`)
      machine.#mounts.set(RESOLV, machine.path(RESOLV))
    }
    return machine
  }

  /** Where a file of the machine really lies. */
  path(file: string): string {
    return join(this.#root, file)
  }

  read(file: string): Promise<string> {
    return readFile(this.path(file), 'utf8')
  }

  async write(file: string, content: string): Promise<void> {
    await mkdir(dirname(this.path(file)), { recursive: true })
    await writeFile(this.path(file), content)
    await chmod(this.path(file), 0o644)
  }

  async delete(file: string): Promise<void> {
    await rm(this.path(file))
  }

  async makeFolder(folder: string, owner?: string): Promise<void> {
    await mkdir(this.path(folder), { recursive: true })
    if (owner !== undefined) await must('chown', `${owner}:${owner}`, this.path(folder))
  }

  /** Does what the steps say, in their order; commands are not run, and what is only to be read is not. */
  async follow(steps: readonly Step[]): Promise<void> {
    for (const { action, file, lines } of steps) {
      if (file === undefined) continue
      if (action === 'write') await this.write(file, `${lines}\n`)
      if (action === 'set') await this.write(file, settle(await this.read(file), lines))
      if (action === 'add') await this.write(file, addTo(await this.read(file), lines))
      if (action === 'delete') await this.write(file, without(await this.read(file), lines))
      if (file.includes('.service.d/')) this.#takeMounts(lines)
    }
  }

  /** Starts a program as a user of the machine; it is seen as `ProgramOptions` say. */
  start(t: Cleanup, user: string, o: ProgramOptions): Promise<Program> {
    return Program.start(t, { ...o, ...this.#inside(o.command, o.args, user) })
  }

  run(command: string, args: readonly string[], user = 'root'): ReturnType<typeof run> {
    const inside = this.#inside(command, args, user)
    return run(inside.command, inside.args)
  }

  mountAt(from: string, at: string): void {
    this.#mounts.set(at, this.path(from))
  }

  /** The part of systemd: a drop-in that puts files in the place of others. */
  #takeMounts(lines: string): void {
    for (const [, from = '', to = ''] of lines.matchAll(/^BindReadOnlyPaths=([^:\s]+):(\S+)$/gm)) {
      this.#mounts.set(to, this.path(from))
    }
  }

  #inside(command: string, args: readonly string[], user: string): { command: string; args: readonly string[] } {
    // Where nothing is to be mounted over, because the service has never run here, there must first be something.
    const places = [...this.#mounts.keys()].map((at) => `{ [ -e '${at}' ] || mkdir -p '${at}'; }`)
    const mounts = [...this.#mounts].map(([at, from]) => `mount --bind '${from}' '${at}'`)
    const asUser = user === 'root' ? [] : [`--reuid=${user}`, `--regid=${user}`, '--init-groups']
    const script = [...places, ...mounts, 'exec "$@"'].join(' && ')
    return {
      command: 'unshare',
      // A change of user clears the parent-death signal, so it is asked for again.
      args: ['--mount', 'sh', '-c', script, 'sh', 'setpriv', '--pdeathsig', 'KILL', ...asUser, command, ...args],
    }
  }
}

/** Sets the keys of the YAML lines in a YAML text, within a mapping those of that; an entry of a list takes the place of the one of the same module. */
function settle(text: string, lines: string): string {
  const document = parseDocument(text)
  for (const [key, value] of Object.entries(z.record(z.string(), z.unknown()).parse(parse(lines)))) {
    const there = document.get(key)
    if (isMap(there)) {
      for (const [name, inner] of Object.entries(z.record(z.string(), z.unknown()).parse(value))) there.set(name, inner)
      continue
    }
    if (!Array.isArray(value) || !isSeq(there)) {
      document.set(key, value)
      continue
    }
    for (const entry of value) {
      const { module } = z.object({ module: z.string() }).parse(entry)
      const index = there.items.findIndex((item) => isMap(item) && item.get('module') === module)
      assert.ok(index >= 0, `${key} has no entry of ${module}`)
      there.set(index, document.createNode(entry))
    }
  }
  return document.toString()
}

/** Adds the entries of the YAML lines to lists that are there already in a YAML text. */
function addTo(text: string, lines: string): string {
  const document = parseDocument(text)
  for (const [key, entries] of Object.entries(z.record(z.string(), z.array(z.unknown())).parse(parse(lines)))) {
    const there = document.get(key)
    assert.ok(isSeq(there), `${key} is no list`)
    for (const entry of entries) there.add(document.createNode(entry))
  }
  return document.toString()
}

/** Deletes exactly these lines, which must be there. */
function without(text: string, lines: string): string {
  const all = text.split('\n')
  for (const line of lines.split('\n')) {
    const index = all.indexOf(line)
    assert.ok(index >= 0, `no line "${line}"`)
    all.splice(index, 1)
  }
  return all.join('\n')
}

async function must(command: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args)
  assert.equal(code, 0, `${command} ${args.join(' ')}: ${stderr}`)
}

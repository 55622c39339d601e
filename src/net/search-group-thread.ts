// The thread on which one group is read from a directory. Run by `search-group.ts` alone.
//
// SECURITY: nothing is said to a directory that has not proven its name, the password least of all; the connection counts its
// octets. An answer of which a part is missing would let somebody out of a group, and so past a wall: it is none.

import { connect, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import { Client, PagedResultsControl, ResultCodeError, type BerReader, type Entry } from 'ldapts'
import { handshakeOptions } from '../trust/profiles/handshake.ts'
import { STANDARD } from '../trust/profiles/standard.ts'
import { bareAddress, parseAddress } from '../xmpp/address.ts'
import type { FailedAt, GroupAnswer, GroupTask } from './search-group.ts'

const PAGE = 500

async function find(task: GroupTask): Promise<GroupAnswer> {
  const { address, port, tls, bind, base, filter, attribute, mostMembers, mostBytes } = task
  let step: FailedAt = 'connect'
  const at = (next: FailedAt) => (): void => void (step = next)
  const behindTls = bind ? 'bind' : 'search'
  let octets = 0
  const counted = <S extends Socket>(socket: S): S => {
    socket.on('data', ({ length }) => {
      octets += length
      if (octets > mostBytes) socket.destroy(new Error('too much'))
    })
    return socket
  }
  const client = new Client({
    url: `${tls === 'direct' ? 'ldaps' : 'ldap'}://${address.includes(':') ? `[${address}]` : address}:${port}`,
    strictDN: false, // Names of the real world are not always what the RFC says.
    createConnection() {
      const socket = connect({ host: address, port }).once('connect', at(tls === 'none' ? behindTls : 'tls'))
      return tls === 'none' ? counted(socket) : socket
    },
    createSecureConnection: secure(task, (socket) =>
      counted(socket.once('connect', at('tls')).once('secureConnect', at(behindTls))),
    ),
  })
  const lastPage = watchPages()
  try {
    if (tls === 'starttls') await client.startTLS()
    if (bind) await client.bind(bind.dn, bind.password)
    if (bind) step = 'search'
    const gathered = new Gathered(task)
    const paged = { pageSize: PAGE }
    for await (const page of client.searchPaginated(base, { scope: 'sub', filter, attributes: [attribute], paged })) {
      const [elsewhere] = page.searchReferences
      if (elsewhere !== undefined) return incomplete(`it refers to ${elsewhere}`)
      const cut = page.searchEntries.find((entry) => !gathered.add(entry))
      if (cut) return incomplete(`only a part of ${attribute} of ${cut.dn} came`)
      if (gathered.size > mostMembers) return { failed: 'too-much', detail: `more than ${mostMembers} members` }
    }
    if (lastPage.isOpen()) return incomplete('a page without entries came, and it was not the last')
    return gathered.found()
  } catch (error) {
    if (octets > mostBytes) return { failed: 'too-much', detail: `more than ${mostBytes} octets` }
    return { failed: step, detail: words(error) }
  } finally {
    await client.unbind().catch(() => undefined)
  }
}

const incomplete = (detail: string): GroupAnswer => ({ failed: 'incomplete', detail })

/** TLS to a directory that has to prove its name: from the first byte, or on a connection that asked for it. */
function secure(task: GroupTask, made: (socket: TLSSocket) => TLSSocket): typeof connectTls {
  const { host, address, port, anchors } = task
  const options: ConnectionOptions = {
    ...handshakeOptions(STANDARD),
    ca: [...anchors],
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  }
  // The library calls it with the connection that is up already, or with a port first.
  return (...given: readonly unknown[]) => {
    const [first] = given
    const socket = typeof first === 'object' && first !== null && 'socket' in first ? first.socket : undefined
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one that `createConnection` has made
    return made(connectTls(socket ? { ...options, socket: socket as Socket } : { ...options, host: address, port }))
  }
}

/** Members as they come, each once. */
class Gathered {
  readonly #task: GroupTask
  readonly #ours: ReadonlySet<string>
  readonly #members = new Set<string>()
  #entries = 0
  #without = 0
  #example: string | undefined

  constructor(task: GroupTask) {
    this.#task = task
    this.#ours = new Set(task.ours)
  }

  get size(): number {
    return this.#members.size
  }

  /** False: the entry has more values than came. */
  add(entry: Entry): boolean {
    const { attribute } = this.#task
    this.#entries += 1
    let found = 0
    for (const [key, values] of Object.entries(entry)) {
      const [name = '', option] = key.toLowerCase().split(';')
      if (name !== attribute.toLowerCase()) continue
      if (option?.startsWith('range=') && !option.endsWith('-*')) return false
      for (const value of [values].flat()) {
        const member = this.#member(String(value))
        if (member !== undefined) this.#members.add(member)
        if (member !== undefined) found += 1
      }
    }
    if (found === 0) this.#without += 1
    if (found === 0) this.#example ??= entry.dn
    return true
  }

  found(): GroupAnswer {
    const members = [...this.#members].toSorted()
    return { members, entries: this.#entries, without: this.#without, example: this.#example }
  }

  #member(value: string): string | undefined {
    const { domain } = this.#task
    const address = parseAddress(value.includes('@') || domain === undefined ? value : `${value}@${domain}`)
    if (address?.local === undefined || address.resource !== undefined) return undefined
    return this.#ours.has(address.domain) ? bareAddress(address) : undefined
  }
}

/**
 * The library takes a page without entries for the last, though the directory may say that more follow (RFC 2696 §3), and shows
 * nobody what it said: so the control is watched as it is read. One search runs on this thread.
 */
function watchPages(): { isOpen(): boolean } {
  let more = false
  const { prototype } = PagedResultsControl
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const read = prototype.parseControl
  prototype.parseControl = function watched(this: PagedResultsControl, reader: BerReader): void {
    read.call(this, reader)
    more = (this.value?.cookie?.length ?? 0) > 0
  }
  return { isOpen: () => more }
}

const words = (error: unknown): string => {
  if (error instanceof ResultCodeError) return `${error.name} (${error.code})`
  return error instanceof Error ? error.message : String(error)
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `search-group.ts` is who starts this
const answer = await find(workerData as GroupTask)
parentPort?.postMessage(answer, [])

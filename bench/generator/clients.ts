// The process that is remote users: groups of them log in and stay, talk, are cut off and come again.
//
// Rule: a session that ends by itself, or hears of an error, is a fault, and so is a stanza that does not come back.

import { type Client, logIn, logOut } from './client.ts'
import { now, type Answer, type Door, type Order } from './orders.ts'
import { serveOrders } from './serve-orders.ts'
import { chatBetween } from './stanzas.ts'

/** How long nothing may come back before what is missing is called lost. */
const SILENCE_MS = 20_000
const TROUBLE = /<stream:error.*|<\/stream:stream>|\stype=["']error["'].*/s
/** More than a stanza: what is kept of one that came in parts. */
const KEPT = 400

let fault: string | undefined
/** Hears the ids that come back, while somebody wants to. */
let heard: (id: string) => void = () => {}

class Group {
  readonly door: Door
  readonly #members: Client[] = []
  #dropping = false

  constructor(door: Door) {
    this.door = door
  }

  get members(): readonly Client[] {
    return this.#members
  }

  /** So many more. Rejects with the first that does not get in. */
  async join(sessions: number, atOnce: number): Promise<void> {
    const before = this.#members.length
    await inTurn(
      atOnce,
      (begun) => begun < sessions,
      async (begun) => this.#enter(before + begun),
    )
  }

  /** All are cut off and come again. */
  async return(atOnce: number): Promise<{ readonly sessions: number; readonly why: string | undefined }> {
    const gone = this.#members.splice(0)
    this.#dropping = true
    await Promise.all(gone.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve).destroy())))
    this.#dropping = false
    let why: string | undefined
    await inTurn(
      atOnce,
      (begun) => begun < gone.length,
      async (begun) => {
        await this.#enter(begun).catch((error: unknown) => (why ??= String(error)))
      },
    )
    return { sessions: this.#members.length, why }
  }

  async #enter(number: number): Promise<void> {
    const client = await logIn(this.door, number)
    const { socket, address } = client
    let rest = ''
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString('latin1')
      const said = TROUBLE.exec(rest)
      if (said) fault ??= `${address} was told: ${said[0].slice(0, 500)}`
      let read = 0
      for (const match of rest.matchAll(/<message[^>]*?\sid=['"]([^'"]*)['"].*?<\/message>/gs)) {
        heard(match[1] ?? '')
        read = match.index + match[0].length
      }
      rest = rest.slice(Math.max(read, rest.length - KEPT))
    })
    socket.on('error', (error) => (this.#dropping ? undefined : (fault ??= `${address}: ${error.message}`)))
    socket.on('close', () => (this.#dropping ? undefined : (fault ??= `the session of ${address} was closed`)))
    socket.resume()
    this.#members.push(client)
  }
}

const groups = new Map<string, Group>()

function groupOf(name: string): Group {
  const group = groups.get(name)
  if (!group) throw new Error(`there is no group ${name}`)
  return group
}

/** Does something over and over, so many at a time, while `goesOn`. */
async function inTurn(
  atOnce: number,
  goesOn: (begun: number) => boolean,
  act: (begun: number) => Promise<void>,
): Promise<number> {
  let begun = 0
  const one = async (): Promise<void> => {
    while (goesOn(begun)) await act(begun++)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return begun
}

/** Everyone says one stanza, each in a write of its own; resolves when the system has taken them all. */
async function round({ members, door }: Group): Promise<Answer> {
  const startedAt = now()
  const to = `sink@${door.domain}/desk`
  let bytes = 0
  await Promise.all(
    members.map(({ socket, address }) => {
      const stanza = chatBetween(address, to, 'turn')
      bytes += stanza.length
      return new Promise<void>((resolve) => socket.write(stanza, () => resolve()))
    }),
  )
  if (fault !== undefined) throw new Error(fault)
  return { told: 'sent', stanzas: members.length, questions: 0, bytes, startedAt }
}

/** Stanzas that say in their id when they were sent, one at a time, when each is due. */
async function converse(
  { members }: Group,
  { perSecond, seconds }: Extract<Order, { order: 'converse' }>,
): Promise<Answer> {
  const total = Math.round(perSecond * seconds)
  const times: number[] = []
  const startedAt = now()
  let lastAt = startedAt
  heard = (id) => {
    lastAt = now()
    times.push(lastAt - startedAt - Number(id))
  }
  const check = (): void => {
    if (fault !== undefined) throw new Error(fault)
  }
  for (let sent = 0; sent < total;) {
    while (sent < total && now() - startedAt >= (sent * 1000) / perSecond) {
      const member = members[sent % members.length]
      if (!member) throw new Error('nobody is there')
      const { socket, address } = member
      socket.write(chatBetween(address, address, (now() - startedAt).toFixed(4)))
      sent += 1
    }
    check()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  while (times.length < total) {
    check()
    if (now() - lastAt > SILENCE_MS) throw new Error(`${total - times.length} of ${total} stanzas did not come back`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  heard = () => {}
  return { told: 'conversed', times }
}

serveOrders(async (order): Promise<Answer> => {
  if (order.order === 'log-ins') {
    const { door, atOnce, seconds } = order
    const startedAt = now()
    const until = startedAt + seconds * 1000
    const streams = await inTurn(
      atOnce,
      () => now() < until,
      async (begun) => logOut(await logIn(door, begun)),
    )
    return { told: 'visited', streams, seconds: (now() - startedAt) / 1000 }
  }
  if (order.order === 'round') return round(groupOf(order.group))
  if (order.order === 'converse') return converse(groupOf(order.group), order)
  if (order.order === 'return') {
    const startedAt = now()
    const returned = await groupOf(order.group).return(order.atOnce)
    return { told: 'returned', ...returned, seconds: (now() - startedAt) / 1000 }
  }
  if (order.order !== 'join') throw new Error(`clients do not ${order.order}`)
  const group = groups.get(order.group) ?? new Group(order.door)
  groups.set(order.group, group)
  await group.join(order.sessions, order.atOnce)
  if (fault !== undefined) throw new Error(fault)
  return { told: 'done' }
})

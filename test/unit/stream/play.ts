// Plays one side of a negotiation against an automaton: peer words go through the scanner, effects come out as short
// lines that a table can hold.

import type { Effect, Machine, StreamEvent } from '../../../src/stream/types.ts'
import type { CertificateSummary, Verdict } from '../../../src/trust/verdict.ts'
import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION } from '../../../src/xml/limits.ts'
import { Scanner } from '../../../src/xml/scanner.ts'

export const CERTIFICATE: CertificateSummary = {
  subject: 'CN=test',
  issuer: 'CN=test CA',
  names: ['DNS:peer.test'],
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2027-01-01T00:00:00.000Z',
  spki: 'sha256/x',
  key: 'EC P-256',
}

export const PROVEN: Verdict = { proven: true, certificate: CERTIFICATE, anchor: 'test CA' }
export const NOT_PROVEN: Verdict = {
  proven: false,
  reason: 'SP-301',
  detail: 'names somebody else',
  certificate: CERTIFICATE,
}

/** A header as a peer writes it; `undefined` leaves an attribute out. */
export function header(attributes: Readonly<Record<string, string | undefined>> = {}): string {
  const all = {
    xmlns: 'jabber:server',
    'xmlns:stream': 'http://etherx.jabber.org/streams',
    from: 'peer.test',
    to: 'us.test',
    version: '1.0',
    ...attributes,
  }
  const written = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}='${value}'`]))
  return `<stream:stream ${written.join(' ')}>`
}

export const TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
export const SM = "xmlns='urn:xmpp:sm:3'"
export const SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"

/** A step of the play: XML from the peer, or an event that does not come as bytes. */
export type Move = string | StreamEvent

export class Play {
  readonly machine: Machine
  #scanner = new Scanner(BEFORE_AUTHENTICATION)

  constructor(machine: Machine) {
    this.machine = machine
  }

  /** Makes a move; gives the effects. */
  effects(move: Move): readonly Effect[] {
    if (typeof move !== 'string') return this.#feed(move)
    const effects: Effect[] = []
    this.#scanner.push(Buffer.from(move))
    for (let event = this.#scanner.next(); event; event = this.#scanner.next()) {
      if (event.kind === 'frame') {
        effects.push(...this.#feed({ kind: 'element', frame: event.frame, pending: this.#scanner.pending }))
      } else effects.push(...this.#feed(event.kind === 'error' ? { ...event, kind: 'fault' } : event))
    }
    return effects
  }

  /** Makes moves; gives the effects of the last one, one line each. */
  say(...moves: readonly Move[]): string[] {
    return moves.map((move) => this.effects(move).map(line)).at(-1) ?? []
  }

  #feed(event: StreamEvent): readonly Effect[] {
    if (event.kind === 'secured') this.#scanner = new Scanner(BEFORE_AUTHENTICATION)
    const effects = this.machine.feed(event)
    for (const effect of effects) if (effect.kind === 'restart') this.#scanner.restart(effect.trailing)
    if (effects.some(({ kind }) => kind === 'ready')) this.#scanner.setLimits(AFTER_AUTHENTICATION)
    return effects
  }
}

/** An effect in a few words: `header us.test→peer.test`, `send <proceed>`, `close SP-421 improper-addressing`. */
export function line(effect: Effect): string {
  switch (effect.kind) {
    case 'header':
      return `header ${effect.from ?? '-'}→${effect.to ?? '-'}`
    case 'send':
      return `send ${[...effect.xml.matchAll(/<([\w:-]+)/g)].map((m) => m[1]).join(' ')}`
    case 'identify':
    case 'start-tls':
    case 'verify':
      return `${effect.kind} ${effect.pair.local} ${effect.pair.remote}`
    case 'judge':
      return `judge ${effect.pair.local} ${effect.pair.remote} ${effect.key}`
    case 'answered':
      return `answered ${effect.answer.verdict}`
    case 'ready':
    case 'proven': {
      const { pair, method } = effect.proven
      return `${effect.kind} ${pair.local} ${pair.remote}${method === 'certificate' ? '' : ` ${method}`}`
    }
    case 'close': {
      const by = effect.by === 'us' ? '' : ` by ${effect.by}`
      const say = effect.say === 'error' ? ` ${effect.condition ?? 'no condition'}` : ` (${effect.say})`
      return `close ${effect.reason}${say}${by}`
    }
    case 'early':
      return `early ${effect.frame.name}`
    case 'acks':
      return `acks ${effect.counts.join(' ')}`.trim()
    case 'acknowledged':
      return `acknowledged ${effect.handled}`
    case 'acknowledge':
    case 'accept-tls':
    case 'restart':
      break
    case 'footer':
      return `footer ${effect.condition ?? ''}`.trim()
  }
  return effect.kind
}

export const condition = (name: string, text = ''): string =>
  `<${name} xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${text}</${name}>`

export const streamErrorOf = (children: string): string => `<stream:error>${children}</stream:error>`

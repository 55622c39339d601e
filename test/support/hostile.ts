// Reads the golden files of `test/cases/hostile/`; its README says what they are.

import { readFileSync } from 'node:fs'

export type Phase = 'plain' | 'tls' | 'ready'

/**
 * Where a hostile peer meets us: by a listener that it connects to, or because we connect to it, as a partner's server, the
 * core's, or the core's port for components.
 */
export type Door = 'federation' | 'direct' | 'core' | 'dialled' | 'dialled-core' | 'component'

export interface HostileCase<P extends string = Phase> {
  /** The file's name without its ending. */
  readonly name: string
  readonly phase: P
  /** A stream condition, `close`, `offers`, `success`, `sasl:<condition>` or `stanza:<condition>`. */
  readonly condition: string
  readonly by: 'scanner' | 'stream' | 'checkpoint'
  /** What comes of it at other doors than that for partners, where it is something else. */
  readonly on?: { readonly [D in Door]?: string }
  /** How many good stanzas precede the fault, and cross: `<message/>` from `mallory` to our domain. */
  readonly crosses?: number
  readonly bytes: Buffer
}

/** When a server that we dialled turns hostile; see the README. */
export type ServerPhase = 'plain' | 'proceeding' | 'tls' | 'authenticating' | 'ready' | 'one-way' | 'asked'
/** When a core turns hostile on its port for components. */
export type CorePhase = 'plain' | 'handshake' | 'ready'

/** What the templates in the files stand for. */
export interface HostileDomains {
  readonly us: string
  readonly peer: string
}

/** `limits.stanzaBytes` the set is written for. */
export const HOSTILE_STANZA_BYTES = 10_000

const FOLDER = new URL('../cases/hostile/', import.meta.url)
const DOMAINS: HostileDomains = { us: 'corp.example', peer: 'partner.example' }

/** What peers send that connect to us, and for most part also those that we connect to, with the domains filled in. */
export const hostileCases = (domains = DOMAINS): HostileCase[] => read<Phase>('./', domains)
/** What only servers that we connect to send. */
export const hostileServers = (domains = DOMAINS): HostileCase<ServerPhase>[] => read<ServerPhase>('servers/', domains)
/** What only a core's port for components sends. */
export const hostileCores = (domains = DOMAINS): HostileCase<CorePhase>[] => read<CorePhase>('cores/', domains)

/** When a client turns hostile. */
export type ClientPhase = 'plain' | 'tls' | 'logged-in' | 'bound' | 'counting'

/** What clients send, and what comes of it. */
export const hostileClients = (
  us: string,
): Pick<HostileCase<ClientPhase>, 'name' | 'phase' | 'condition' | 'bytes'>[] =>
  read<ClientPhase>('clients/', { us, peer: '' })

function read<P extends string>(folder: string, { us, peer }: HostileDomains): HostileCase<P>[] {
  const base = new URL(folder, FOLDER)
  const expected: Record<string, Omit<HostileCase<P>, 'name' | 'bytes'>> = JSON.parse(
    readFileSync(new URL('expect.json', base), 'utf8'),
  )
  return Object.entries(expected).map(([file, expectation]) => {
    const raw = readFileSync(new URL(file, base), 'latin1')
    const bytes = Buffer.from(raw.replaceAll('{{us}}', us).replaceAll('{{peer}}', peer), 'latin1')
    return { name: file.replace('.xml', ''), ...expectation, bytes }
  })
}

/** What must come of a case at a door; undefined: it makes no sense there. */
export function expectedAt({ phase, condition, by, on = {} }: HostileCase, door: Door): string | undefined {
  // What the bytes alone show, and what a ready stream is told, does not depend on who connected to whom.
  const anywhere = by === 'scanner' || phase === 'ready' ? condition : undefined
  const whenReady = phase === 'ready' ? on.core : undefined
  const answers: { readonly [D in Door]: string | undefined } = {
    federation: condition,
    direct: on.direct ?? condition,
    core: on.core ?? condition,
    dialled: on.dialled ?? anywhere,
    'dialled-core': on['dialled-core'] ?? whenReady ?? on.dialled ?? anywhere,
    component: phase === 'tls' ? undefined : (on.component ?? whenReady ?? anywhere),
  }
  return answers[door]
}

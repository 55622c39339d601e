// Domains of a partner that are wrong on purpose: how they are, by which reasons the gateway turns them away, and what came of
// it where our user wrote there. Pure. A server that has such domains is told of in the file of our account at the partner.

import type { ProfileName } from '../../trust/profiles/profile.ts'
import { isOurs } from './blame.ts'
import type { PairOutcome } from './scenario.ts'

interface Fault {
  /** Any of these says that it was seen. */
  readonly reasons: readonly string[]
  /** Seen where the partner comes to us; else where we go there. */
  readonly inbound?: true
  /** Under these the partner may be talked to nevertheless. */
  readonly letsBe?: readonly ProfileName[]
}

/** Where a profile leaves it to the settings, either is right. */
const LAX: readonly ProfileName[] = ['standard']

export const WRONGS = {
  'no-tls': { reasons: ['SP-351'] },
  'self-signed': { reasons: ['SP-304'] },
  expired: { reasons: ['SP-302'] },
  revoked: { reasons: ['SP-332', 'SP-333'] },
  'other-name': { reasons: ['SP-301'] },
  // A CA that nobody knows may have sent its own certificate, or not.
  'unknown-ca': { reasons: ['SP-305', 'SP-306'] },
  'servers-only': { reasons: ['SP-318'], inbound: true, letsBe: LAX },
  // That is asked nowhere, or in vain: nobody says that it holds.
  'no-responder': { reasons: ['SP-334', 'SP-338', 'SP-343', 'SP-344'], letsBe: LAX },
  'no-intermediate': { reasons: ['SP-306'] },
} as const satisfies Readonly<Record<string, Fault>>

export type Wrong = keyof typeof WRONGS
/** The domain that is wrong so. */
export type WrongDomains = Readonly<Partial<Record<Wrong, string>>>

/** What came of it. */
export interface Tried {
  readonly domain: string
  readonly profile: ProfileName
  /** What our user was answered, as XML; undefined: nothing in time. */
  readonly answer: string | undefined
  /** What the gateway has logged since, a line of JSON each. */
  readonly log: readonly string[]
}

/** By which reasons streams with the domain have not come about: `inbound`, those that it opened. */
export function failuresOf(
  { domain, log }: Pick<Tried, 'domain' | 'log'>,
  way: 'inbound' | 'outbound',
): readonly string[] {
  const isAbout = (line: string): boolean =>
    way === 'inbound'
      ? line.includes('"event":"stream.failed"') && line.includes('"role":"receiving"')
      : line.includes('"event":"link.failed"') && line.includes('"leg":"partner"')
  return log.flatMap((line) =>
    isAbout(line) && line.includes(`"remote":"${domain}"`)
      ? [...line.matchAll(/"reason":"(SP-\d{3})"/g)].map(([, reason = '']) => reason)
      : [],
  )
}

/** Is it seen where the partner comes to us? */
export const isInbound = (wrong: Wrong): boolean => 'inbound' in WRONGS[wrong]

/** Was it turned away for what is wrong with it? */
export function wasSeen(wrong: Wrong, tried: Pick<Tried, 'domain' | 'log'>): boolean {
  const fault: Fault = WRONGS[wrong]
  return failuresOf(tried, fault.inbound ? 'inbound' : 'outbound').some((reason) => fault.reasons.includes(reason))
}

export function judged(wrong: Wrong, tried: Tried): PairOutcome {
  const { domain, answer, profile } = tried
  const fault: Fault = WRONGS[wrong]
  if (answer !== undefined && !isOurs(answer)) {
    if (fault.letsBe?.includes(profile)) return { kind: 'pass' }
    return { kind: 'violation', detail: `${domain} is ${wrong}, and was talked to: ${answer}` }
  }
  if (wasSeen(wrong, tried)) {
    // Where it was not reached at all, whoever wrote there is told.
    if (answer !== undefined || fault.inbound) return { kind: 'pass' }
    return { kind: 'violation', detail: `${domain} was turned away, and our user was told nothing` }
  }
  if (answer?.includes('<not-allowed'))
    return { kind: 'inconclusive', detail: `${domain} is not admitted here: add it to alsoKnownAs of the partner` }
  const others = [...new Set([...failuresOf(tried, 'outbound'), ...failuresOf(tried, 'inbound')])]
  return {
    kind: 'inconclusive',
    detail: `${domain} is not ${wrong} as far as was seen: ${others.length > 0 ? others.join(', ') : 'no stream with it failed'}`,
  }
}

// A case as whoever assesses the product reads it: what holds before, what is done, and what has to come of it, in sentences that
// are made of the data which is played. Pure.
//
// Rule: nothing is told that is not played. Placeholders stay as the case has them.

import type { Heard, Step, TestCase } from './case.ts'
import { inWords } from './pattern.ts'
import { masked } from './stage/transcript.ts'

/** `does`: the peer, the core or the run. `expects`: of the gateway, and the case ends where it is not so. */
export interface ReadStep {
  readonly kind: 'does' | 'expects'
  readonly text: string
}

export interface ReadCase {
  readonly id: string
  readonly requirements: readonly string[]
  readonly title: string
  /** What the gateway is. */
  readonly role: 'server' | 'client'
  readonly before: readonly string[]
  readonly steps: readonly ReadStep[]
}

export const readCase = (one: TestCase): ReadCase => ({
  ...{ id: one.id, requirements: one.requirements, title: one.title },
  role: one.role === 'receiving' ? 'server' : 'client',
  before: before(one),
  steps: one.steps.map(readStep),
})

/** A line for each; bodies and credentials are kept as evidence keeps them. */
export const caseInWords = ({ before: holds, steps }: ReadCase): string =>
  [
    ...holds.map((text) => `  before: ${text}`),
    ...steps.map(({ kind, text }, index) => `  ${index + 1}. ${kind}: ${masked(text)}`),
  ].join('\n')

const PHASES: Readonly<Record<TestCase['phase'], string>> = {
  none: 'there is no connection',
  connected: 'there is a connection, and nothing was said',
  opened: 'the headers of both were said, and the first features',
  secured: 'TLS was agreed on, and nothing was said within',
  offered: 'within TLS the headers of both were said, and the features',
  authenticated: 'the name of the peer was proven',
}

function before(one: TestCase): readonly string[] {
  const { phase, certificate, stranger, entry, dns, settings, responds, listed, stapled, answersFor } = one
  const told: readonly (readonly [string, unknown])[] = [
    ['its entry says besides', entry],
    ['DNS says', dns],
    ['the settings say besides', settings],
    ['the responder says of its certificate', responds],
    ['the list says of it', listed],
    ['it staples', stapled],
    ['the server for its domains says of keys', answersFor],
  ]
  return [
    PHASES[phase],
    ...(isWithoutPeer(one)
      ? ['no peer has a part in it']
      : [
          `the peer shows ${certificate === 'none' ? 'no certificate' : `a certificate of the kind ${certificate ?? 'good'}`}`,
          stranger ? 'it has no entry' : 'it has an entry that admits it',
        ]),
    ...told.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${said(value)}`])),
    ...(one.aheadMs === undefined ? [] : [`the time server is ahead of the host by ${one.aheadMs / 1000} s`]),
    ...(one.leg === 'core' ? ['it comes to where the core connects'] : []),
    ...(one.direct ? ['it comes to where TLS begins at once'] : []),
    ...(one.with === 'rooms' ? ['it talks to the rooms of ours'] : []),
    ...(one.international ? ['its domain has letters beyond ASCII'] : []),
    ...(one.own ? ['the gateway and the core are of this case alone'] : []),
  ]
}

const WITHOUT_PEER = ['runs', 'listens', 'ownFiles', 'logs', 'logServer'] as const

/** Are commands and the gateway alone what it is about? Then nothing is said of a peer and its entry. */
export const isWithoutPeer = ({ phase, certificate, stranger, entry, steps, ...more }: TestCase): boolean =>
  phase === 'none' &&
  (certificate ?? stranger ?? entry) === undefined &&
  steps.every((step) => WITHOUT_PEER.some((kind) => kind in step)) &&
  !JSON.stringify([steps, more]).includes('{peer')

const UP_TO = { offered: 'up to its features', secured: 'up to TLS', connected: 'of which nothing was said yet' }

const said = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const does = (text: string): ReadStep => ({ kind: 'does', text })
const expects = (text: string): ReadStep => ({ kind: 'expects', text })
const seconds = (ms: number | undefined): string => (ms === undefined ? '' : `, within ${ms / 1000} s`)

/** Fewer kinds in each, so that each can be read. */
function readStep(step: Step): ReadStep {
  return ofStream(step) ?? ofTls(step) ?? ofWays(step) ?? ofHouse(step) ?? ofCore(step) ?? otherwise(step)
}

/** By the words of the data, where there are no others yet. */
const otherwise = (step: Step): ReadStep =>
  expects(
    Object.entries(step)
      .map(([name, value]) => `${name}: ${said(value)}`)
      .join(', '),
  )

/** What is said on the stream and heard there. */
function ofStream(step: Step): ReadStep | undefined {
  if ('say' in step) return does(`the peer says ${step.say}`)
  if ('octets' in step) return does(`the peer sends the octets ${step.octets}`)
  if ('hear' in step) return expects(`${heard(step.hear)}${seconds(step.withinMs)}`)
  if ('hearOneOf' in step) return expects(`${step.hearOneOf.map(heard).join(', or ')}${seconds(step.withinMs)}`)
  if ('restart' in step) return does('what is read next is a new document')
  if ('close' in step) return does(`the peer closes its ${step.close}`)
  if ('silence' in step)
    return expects(
      `${step.of ? inWords(step.of) : 'nothing at all'} ${step.of ? 'does not come' : 'comes'} to the ${step.at === 'back' ? 'server of the peer' : step.at} for ${step.silence / 1000} s`,
    )
  if ('neverSaid' in step) return expects(`in nothing that the gateway has said stands ${step.neverSaid.join(' or ')}`)
  if ('keeps' in step) return does(`the text that was heard last stands for {${step.keeps}} from now on`)
  if ('another' in step)
    return does(`the peer opens a further stream, ${UP_TO[step.another === true ? 'offered' : step.another]}`)
  if ('opened' in step) return expects(`the header of its stream has ${said(step.opened)}`)
  return undefined
}

function ofTls(step: Step): ReadStep | undefined {
  if ('tls' in step) {
    const { tls, suites, offers, asking, staple, refused } = step
    const more = [
      ...(suites === undefined ? [] : [`suites ${suites}`]),
      ...(offers === undefined ? [] : [`protocol ${offers}`]),
      ...(asking === undefined ? [] : [`asking for ${asking}`]),
      ...(staple ? ['wanting a staple'] : []),
    ]
    const way = [`${tls} at most`, ...more].join(', ')
    return refused ? expects(`TLS does not come about with ${way}`) : does(`TLS by the peer: ${way}`)
  }
  if ('shows' in step) return expects(`the gateway shows a certificate for ${step.shows}`)
  if ('showsAnother' in step) return expects('the certificate of the gateway is another than on the stream before')
  if ('greets' in step)
    return expects(
      `its first words in TLS have ${step.greets.join(', ') || 'nothing of these'}, without ${step.without.join(', ')}`,
    )
  if ('staples' in step) return expects('with its certificate comes what its responder has said')
  if ('asksFor' in step) return expects(`in the handshake the gateway asks for ${step.asksFor}`)
  if ('speaks' in step) return expects(`the protocol ${step.speaks} is agreed on`)
  if ('renegotiation' in step) return expects('a handshake anew on the same connection is refused')
  if ('resumption' in step) return expects('the session is not taken up on another connection')
  return undefined
}

/** Where the gateway goes, and what it asks before. */
function ofWays(step: Step): ReadStep | undefined {
  if ('arrives' in step)
    return expects(`the gateway opens a stream to the ${step.arrives} place${seconds(step.withinMs)}`)
  if ('nobodyArrives' in step) return expects(`for ${step.nobodyArrives / 1000} s the gateway opens no stream`)
  if ('spreads' in step)
    return expects(
      `of streams for ${step.over} domains the places ${step.spreads.join(', ')} get some, each more than the next`,
    )
  if ('retries' in step)
    return expects(
      `hung up on by the servers of ${step.domains} domains, the gateway comes ${step.retries} times again to each, after times that grow up to ${step.mostMs / 1000} s, with chance in them`,
    )
  if ('asked' in step) return expects(`DNS was asked for ${step.asked}`)
  if ('neverAsked' in step) return expects(`DNS was never asked for ${step.neverAsked}`)
  if ('floods' in step)
    return expects(`of ${step.floods} handshakes from one address ${step.served} in a minute are served, and no more`)
  if ('crowds' in step) return expects(`of one address ${step.crowds} connections are taken, and no further one`)
  if ('comesBack' in step)
    return expects(`${inWords(step.comesBack)} comes by the gateway's own stream${seconds(step.withinMs)}`)
  return undefined
}

/** What happens to whoever has a part in it, and what is asked about certificates. */
function ofHouse(step: Step): ReadStep | undefined {
  if ('revoke' in step)
    return does(
      `the CA revokes ${step.revoke === 'peer' ? 'the certificate of the peer' : 'a certificate that nobody shows'}`,
    )
  if ('peer' in step) return does(`the peer ${step.peer}`)
  if ('gateway' in step)
    return does(`the gateway ${step.gateway === 'ends' ? 'is asked to end' : `is ${step.gateway}`}`)
  if ('changes' in step) return does(`in the installation ${step.changes}`)
  if ('core' in step) return does('the core is gone, with all of its streams')
  if ('asks' in step) return expects(`the ${step.asks} was asked ${step.times} times`)
  if ('responds' in step) return does(`from now on the responder says ${said(step.responds)}`)
  if ('listed' in step) return does(`from now on the list says ${said(step.listed)}`)
  if ('logServer' in step) return ofLogServer(step)
  if ('store' in step)
    return does(step.store === 'locked' ? 'nobody may write to its store' : 'its store may be written to again')
  if ('listens' in step) return expects('the gateway listens where its settings say, and nowhere else')
  if ('ownFiles' in step) return expects(`nobody else may read or write ${step.ownFiles}`)
  if ('runs' in step) {
    const { runs, live, types, ends, says, requests, lacks, without, open, spoiled } = step
    const set = [
      ...(without === undefined ? [] : [`without ${without}`]),
      ...(open === undefined ? [] : [`where everybody may read ${open}`]),
      ...(spoiled === undefined ? [] : [`where ${spoiled} is no YAML`]),
      types === undefined
        ? 'by a script whose owner has accepted the notice (SALLYPORT_NOTICE)'
        : `at a terminal where somebody types ${JSON.stringify(types)}`,
    ]
    return expects(
      `sallyport ${runs.join(' ')}${live ? ', for the gateway that runs' : ''}${set.map((one) => `, ${one}`).join('')}, ends ${ends} and says ${says.map((word) => `"${word}"`).join(', ') || 'whatever it says'}${requests === undefined ? '' : `, and its request asks for ${requests.join(', ')}`}${lacks === undefined ? '' : `, and says nothing of ${lacks.map((word) => `"${word}"`).join(', ')}`}`,
    )
  }
  return undefined
}

function ofLogServer(step: Extract<Step, { logServer: unknown }>): ReadStep {
  const name = `log server ${step.logServer}`
  if ('is' in step) return does(step.is === 'away' ? `${name} is gone` : `${name} is there again`)
  if ('hears' in step) return expects(`${name} has been sent a line with ${said(step.hears)}${seconds(step.withinMs)}`)
  return expects(
    `${name} has been sent ${step.has === 'all' ? 'every line that was logged, once and in order' : 'nothing'}`,
  )
}

/** What the core says and hears, and what stands in the log. */
function ofCore(step: Step): ReadStep | undefined {
  if ('coreSays' in step)
    return does(`the core says ${step.coreSays}${step.by === undefined ? '' : `, by its stream for ${step.by}`}`)
  if ('coreHears' in step) return expects(`${inWords(step.coreHears)} reaches the core${seconds(step.withinMs)}`)
  if ('inOrder' in step)
    return expects(
      `in this order ${step.inOrder.map(inWords).join(', ')} ${step.at === 'core' ? 'reach the core' : 'come back'}${seconds(step.withinMs)}`,
    )
  if ('copiesOf' in step)
    return expects(
      `${inWords(step.copiesOf)} has come ${step.times} times ${step.at === 'core' ? 'to the core' : 'back'}`,
    )
  if ('refers' in step)
    return does(`the reference of what was logged with ${said(step.refers)} stands for {reference} from now on`)
  if ('logs' in step) {
    const { logs, copies, without, withinMs } = step
    return expects(
      `the gateway has logged ${said(logs)}${copies === undefined ? '' : ` at least ${copies} times`}${without === undefined ? '' : `, without ${without.join(', ')}`}${seconds(withinMs)}`,
    )
  }
  return undefined
}

function heard(one: Heard): string {
  switch (one.kind) {
    case 'header':
      return `the header of a stream${one.attributes ? ` with ${said(one.attributes)}` : ''}`
    case 'features':
      return `features${one.with ? ` with ${one.with.map(inWords).join(', ')}` : ''}${one.without ? ` without ${one.without.map(inWords).join(', ')}` : ''}`
    case 'stream-error':
      return `the stream error ${[one.condition].flat().join(' or ')}, and the end of stream and connection`
    case 'element':
      return inWords(one.like)
    case 'end':
      return 'the end of the stream'
    case 'closed':
      return `the end of the connection${one.inOrder ? ', in good order' : ''}`
    default:
      return one satisfies never
  }
}

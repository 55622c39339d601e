// What came of it with live partners: each scenario with each of them, what was negotiated, and which pairs of service types
// have to come about.

import { type Facts, type StreamFacts } from '../../partner/facts.ts'
import { DEPARTURES, type Expected, type Success, TYPES, typesOf } from '../../partner/grid.ts'
import type { Pair, PairRun } from '../../partner/meeting.ts'
import { evidenceOf, type Pairwise } from '../../partner/pairwise.ts'
import { SCENARIOS } from '../../partner/scenarios.ts'
import type { PairOutcome } from '../../partner/scenario.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { facts as listed, table } from './making.ts'

export function pairwise({ report: { pairwise: own } }: Sources): string {
  if (!own)
    return '<p>None: this report is about scripted peers alone. <code>--peer DOMAIN</code> plays with a live one.</p>'
  return `<p>Played as ${escaped(own.us)} with the installation&#39;s own names, certificates, policy and partner list; the core of the laboratory stood behind it. What says <em>the partner</em> is what the partner did, and no finding about the gateway.</p>
${matrix(own)}
${own.pairs.map(negotiated).join('\n')}
<h3>Which service types have to come together (XEP-0238)</h3>
${Object.entries(own.expected)
  .map(([floor, expected]) => grid(floor, expected))
  .join('\n')}
<p class="note">U: unsuccessful. V: verified by dialback in the clear. E: encrypted, verified by dialback. T: trusted, by certificate. ${DEPARTURES.map(escaped).join(' ')}</p>`
}

function matrix({ pairs }: Pairwise): string {
  const rows = SCENARIOS.map(({ id, title, without }) => [
    id,
    `${escaped(title)}${without === undefined ? '' : `<br><small>Not played: ${escaped(without)}</small>`}`,
    ...pairs.map(({ runs }) =>
      outcomeOf(
        runs.find(({ scenario }) => scenario === id),
        without,
      ),
    ),
  ])
  const heads = pairs.map(({ peer }) => `<a href="${escaped(evidenceOf(peer))}">${escaped(peer)}</a>`)
  return table(['Scenario', 'What', ...heads], rows, 'folds')
}

const KINDS: Readonly<Record<PairOutcome['kind'], readonly [mark: string, name: string]>> = {
  pass: ['met', 'As expected'],
  violation: ['not', 'We'],
  'peer-violation': ['partly', 'The partner'],
  inconclusive: ['partly', 'Not known'],
  'not-run': ['na', 'Not run'],
}

/** `without`: what stands beside the scenario already. */
function outcomeOf(run: PairRun | undefined, without: string | undefined): string {
  if (!run) return ''
  const { outcome, short } = run
  const [mark, name] = KINDS[outcome.kind]
  const detail = 'detail' in outcome && outcome.detail !== without ? `: ${escaped(outcome.detail)}` : ''
  const part = short === undefined || outcome.kind !== 'pass' ? '' : `, in part<br><small>${escaped(short)}</small>`
  return `<span class="${mark}">${name}</span>${outcome.kind === 'not-run' ? `<small>${detail}</small>` : detail}${part}`
}

/** How many scenarios came to what. */
function tally(runs: readonly PairRun[]): string {
  const count = (kind: PairOutcome['kind']): number => runs.filter(({ outcome }) => outcome.kind === kind).length
  return `${count('pass')} as expected; ${count('violation')} not, by us; ${count('peer-violation')} not, by the partner; ${count('inconclusive')} without a result; ${count('not-run')} not run`
}

function negotiated({ peer, facts, runs, account, rooms }: Pair): string {
  const { certificate } = facts
  return `<h3>Negotiated with ${escaped(peer)}</h3>
${listed([
  ['Scenarios', tally(runs)],
  [
    'Our account there',
    account === undefined
      ? 'none'
      : escaped(`logged in by ${account}; ${rooms === undefined ? 'no rooms' : `rooms at ${rooms}`}`),
  ],
  ['Found by', escaped(`${facts.found}${facts.place === undefined ? '' : `: ${facts.place}`}`)],
  ...(certificate
    ? ([
        [
          'Certificate',
          escaped(
            `${certificate.subject}, by ${certificate.issuer}, until ${certificate.notAfter.slice(0, 10)}, ${certificate.key}`,
          ),
        ],
        ['Names in it', escaped(certificate.names.join(', '))],
        ['Key (SPKI)', `<code>${escaped(certificate.spki)}</code>`],
      ] as const)
    : []),
  ['Its name is proven', escaped(provenBy(facts))],
  ['It offers', escaped([...facts.offers.map(short), ...facts.mechanisms].join(', ') || 'nothing within TLS')],
  ['Type of XEP-0238', typesOf(facts).join(' or ')],
  ...(facts.fault ? ([['First fault', escaped(`${facts.fault.side}: ${facts.fault.sentence}`)]] as const) : []),
])}
${facts.streams.length === 0 ? '<p>No stream has come about.</p>' : streams(facts.streams)}`
}

const provenBy = ({ proven, matching, anchor, floor }: Facts): string =>
  `${proven ? `${matching ?? 'by its certificate'}, under ${anchor ?? 'an anchor'}` : 'not by its certificate'}; its entry asks for ${floor}`

const short = (name: string): string => name.replace(/^\{.*\}/, '')

const streams = (all: readonly StreamFacts[]): string =>
  table(
    [
      'Opened',
      'TLS',
      'Suite',
      'Group',
      'Proven by',
      'IP',
      'Both ways (XEP-0288)',
      'Acknowledged (XEP-0198)',
      'Stanzas in, out',
    ],
    all.map((one) =>
      [
        ...[
          one.opened,
          `${one.version ?? 'none'}, ${one.start}`,
          one.suite ?? 'none',
          one.group ?? 'not known',
          one.proof,
        ],
        ...[
          `IPv${one.ip}`,
          one.bidi ? 'yes' : 'no',
          one.acknowledged ? 'yes' : 'no',
          `${one.stanzasIn}, ${one.stanzasOut}`,
        ],
      ].map(escaped),
    ),
  )

function grid(floor: string, { as, initiating, receiving }: Expected): string {
  const cells = (row: readonly (readonly Success[])[]): readonly string[] => row.map((may) => may.join(' or '))
  const heads = TYPES.map(({ type, policy, certificate }) => `Type ${type}: ${policy}, certificate ${certificate}`)
  return `<p>Where the entry asks for <code>${escaped(floor)}</code>, ours is Type ${as}:</p>${table(
    ['Ours', ...heads],
    [
      ['opens the stream', ...cells(initiating)],
      ['is opened to', ...cells(receiving)],
    ],
  )}`
}

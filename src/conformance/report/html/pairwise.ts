// What came of it with live partners: each scenario with each of them, and what was negotiated.

import type { Facts, StreamFacts } from '../../partner/facts.ts'
import { typesOf } from '../../partner/grid.ts'
import { grids } from './grid.ts'
import type { Pair, PairRun } from '../../partner/meeting.ts'
import { evidenceOf, type Pairwise } from '../../partner/pairwise.ts'
import { SCENARIOS } from '../../partner/scenarios.ts'
import type { PairOutcome, Scenario } from '../../partner/scenario.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { facts as listed, table } from './making.ts'

export function pairwise({ report }: Sources): string {
  const { pairwise: own } = report
  return `${own ? withPartners(own) : '<p>None: this report is about scripted peers alone. <code>--peer DOMAIN</code> plays with a live one.</p>'}
${grids(report)}`
}

const withPartners = (own: Pairwise): string =>
  `<p>Played as ${escaped(own.us)} with the installation&#39;s own names, certificates, policy and partner list; the core of the laboratory stood behind it. What says <em>the partner</em> is what the partner did, and no finding about the gateway.</p>
${matrix(own)}
<h3>Not played with a live partner</h3>
${table(
  ['Scenario', 'What', 'Why not'],
  SCENARIOS.filter((one) => !isPlayed(one)).map(({ id, title, without = '' }) => [
    id,
    escaped(title),
    escaped(without),
  ]),
  'folds matrix',
)}
${own.pairs.map(negotiated).join('\n')}`

const isPlayed = ({ steps, withAccount = [], withRoom = [] }: Scenario): boolean =>
  [...steps, ...withAccount, ...withRoom].length > 0

function matrix({ pairs }: Pairwise): string {
  const rows = SCENARIOS.filter(isPlayed).map(({ id, title, without }) => [
    id,
    `${escaped(title)}${without === undefined ? '' : `<br><small>Not played: ${escaped(without)}</small>`}`,
    ...pairs.map(({ runs, facts }) =>
      outcomeOf(
        runs.find(({ scenario }) => scenario === id),
        facts.fault?.sentence,
      ),
    ),
  ])
  const heads = pairs.map(
    ({ peer }) => `<a href="${escaped(evidenceOf(peer))}">${escaped(peer).replaceAll('.', '<wbr>.')}</a>`,
  )
  return table(['Scenario', 'What', ...heads], rows, 'folds matrix')
}

const KINDS: Readonly<Record<PairOutcome['kind'], readonly [mark: string, name: string]>> = {
  pass: ['met', 'As expected'],
  violation: ['not', 'We'],
  'peer-violation': ['partly', 'The partner'],
  inconclusive: ['partly', 'Not known'],
  'not-run': ['na', 'Not run'],
}

/** `fault`: what is wrong with the partner as a whole, which stands below. */
function outcomeOf(run: PairRun | undefined, fault: string | undefined): string {
  if (!run) return ''
  const { outcome, short } = run
  const [mark, name] = KINDS[outcome.kind]
  const said = 'detail' in outcome ? (outcome.detail === fault ? 'its first fault, below' : outcome.detail) : ''
  const detail = said === '' ? '' : `: ${escaped(said)}`
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

/** A column for each: there are few of them, and much to say of each. */
const streams = (all: readonly StreamFacts[]): string =>
  table(
    ['Stream', ...all.map(({ opened }) => `opened ${opened}`)],
    PROPERTIES.map(([name, of]) => [name, ...all.map((one) => escaped(of(one)))]),
  )

const PROPERTIES: readonly (readonly [name: string, of: (stream: StreamFacts) => string])[] = [
  ['TLS', ({ version, start }) => `${version ?? 'none'}, ${start}`],
  ['Suite', ({ suite }) => suite ?? 'none'],
  ['Group', ({ group }) => group ?? 'not known'],
  ['Proven by', ({ proof }) => proof],
  ['IP', ({ ip }) => `IPv${ip}`],
  ['Both ways (XEP-0288)', ({ bidi }) => (bidi ? 'yes' : 'no')],
  ['Acknowledged (XEP-0198)', ({ acknowledged }) => (acknowledged ? 'yes' : 'no')],
  ['Stanzas in, out', ({ stanzasIn, stanzasOut }) => `${stanzasIn}, ${stanzasOut}`],
]

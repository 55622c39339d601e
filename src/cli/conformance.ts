// `sallyport conformance`: plays scripted peers against an instance of the gateway that is set up for it, and writes a report
// on what every requirement comes to.

import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gatewaySettings } from '../config/describe.ts'
import { formatFinding } from '../config/finding.ts'
import { CASES } from '../conformance/cases/all.ts'
import { AREAS, areaOf } from '../conformance/requirement.ts'
import { CONFIGURATION, filesOf, listed, sha256 } from '../conformance/report/attachments.ts'
import { machine, releaseOf } from '../conformance/report/release.ts'
import { type Limit, reportOf, runOf } from '../conformance/report/report.ts'
import { readyFor, writeReport } from '../conformance/report/write.ts'
import { type Played, run, runOutside } from '../conformance/run.ts'
import { Stopping } from '../conformance/stopping.ts'
import { Unready } from '../conformance/unready.ts'
import { isFailure, pairFiles, pairwiseOf } from '../conformance/partner/pairwise.ts'
import { PROFILE_NAMES } from '../trust/profiles/profiles.ts'
import type { ProfileName } from '../trust/profiles/profile.ts'
import { UsageError } from './arguments.ts'
import { reachedOf, readOutside } from './conformance-gateway.ts'
import { pairUpWith, peersOf } from './conformance-peers.ts'
import { accountsOf } from './conformance-accounts.ts'
import { clockOf } from './conformance-clock.ts'
import { diffCommand, verifyCommand } from './conformance-reports.ts'
import { type Command, type CommandContext, EXIT } from './command.ts'
import { CommandError } from './errors.ts'
import { tone } from './output.ts'
import { count } from './text.ts'

const EXITS = { configuration: EXIT.configuration, 'other side': EXIT.finding } as const
const SCRIPT = fileURLToPath(new URL('../main.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** @param version of the product, which stands in the report */
const conformanceCommand = (version: string): Command => ({
  name: 'conformance',
  noNotice: true,
  about:
    'Plays scripted peers against an instance of the gateway, and writes a signed report on what each requirement comes to.',
  options: {
    profile: { value: 'NAME', about: `The profile that is tested: ${PROFILE_NAMES.join(', ')} (default: standard).` },
    area: {
      value: 'AREA',
      about: 'Play only cases of this area, such as STR, and report on it alone; may be given more than once.',
      many: true,
    },
    peer: {
      value: 'DOMAIN',
      about:
        'Play the scenarios with this live partner too, as the first of `domains:` of this installation; more than once for several.',
      many: true,
    },
    gateway: {
      value: 'FILE',
      about:
        'Play what can be played from outside against a gateway that runs, of which this file (YAML) tells: domain, hosts, and the partner as whom it is met.',
    },
    'peer-account': {
      value: 'FILE',
      about:
        'An account of ours at a live partner: a YAML file, readable by its owner alone, with `account: user@partner` and `password`, and where needed `address`, `room`, `anchors`. More than once for several partners.',
      many: true,
    },
    'peer-address': {
      value: 'HOST:PORT',
      about: 'Where the partner takes clients, if that is not what its DNS says (default port: 5222).',
    },
    'peer-room': {
      value: 'NAME@SERVICE',
      about:
        'How the names of rooms begin that the account makes, and at which service (default: the first that it has).',
    },
    out: {
      value: 'DIR',
      about: 'Where the report goes, a folder that is not there yet (default: conformance-PROFILE-TIME).',
    },
    key: {
      value: 'FILE',
      about: 'The Ed25519 key that signs, made on first use (default: certs/conformance-key.pem).',
    },
  },
  notes: [
    'An instance of its own is set up on loopback and taken away again; the gateway that runs here is not touched.',
    '--gateway comes through the port for partners of that gateway alone, where it counts as conduct of whom it comes as; what cannot be seen from there is Not assessed.',
    '--peer runs a copy of this installation where partners find it, with another core behind it: stop the gateway before.',
    'Exit code 0: everything that was played is as expected, whatever is not met for want of a case. 1: something is not.',
  ],
  async run(context) {
    const { arguments: words, output, now } = context
    const profile = profileOf(words.option('profile'))
    const part = areasOf(words.options('area'))
    const peers = peersOf(words.options('peer'))
    const accounts = await accountsOf(context, {
      ...{ profile, peers: peers ?? [], files: words.options('peer-account') ?? [] },
      ...{ address: words.option('peer-address'), room: words.option('peer-room') },
    })
    const cases = casesOf(part)
    const told = words.option('gateway')
    if (told !== undefined && peers) throw new UsageError('--gateway and --peer: one of them', 'conformance')
    const reading = told === undefined ? undefined : await readOutside(within(context, told))
    if (reading?.findings) {
      output.failure({ code: 'configuration', message: reading.findings.map(formatFinding).join('\n') })
      return EXIT.configuration
    }
    const outside = reading?.outside
    const began = now()
    const stamp = new Date(began).toISOString().replace(/[-:]|\.\d+/g, '')
    const folder = within(context, words.option('out') ?? `conformance-${profile}-${stamp}`)
    const keyFile = within(context, words.option('key') ?? join('certs', 'conformance-key.pem'))
    await readyFor(folder, keyFile)
    // Before anything runs: what is reported on is what was there when the run began.
    const { bill, ...release } = await releaseOf(ROOT, version)
    const clock = await clockOf(context)
    using stopping = new Stopping()
    const { signal } = stopping
    let done = 0
    const course = {
      ...{ profile, cases, now, signal },
      tell: (one: Played, of: number) => {
        done += 1
        tell(context, one, `${done}/${of}`)
      },
    }
    const all = async () => {
      const pairing = peers && (await pairUpWith(context, profile, { peers, accounts, signal }))
      if (cases.length === 0) return { pairing, played: [], settings: {}, unplayed: new Map<string, string>() }
      const ran = await (outside ? runOutside({ ...course, outside }) : run({ ...course, script: SCRIPT }))
      return { pairing, ...ran }
    }
    const ran = await all().catch((error: unknown) => {
      if (error instanceof Unready) throw new CommandError('unready', error.message, error.act, EXITS[error.of])
      if (error !== signal.reason) throw error
      return undefined
    })
    if (!ran) {
      output.failure({ code: 'stopped', message: `${stopping.why}; there is no report` })
      return EXIT.finding
    }
    const { pairing, played, settings, unplayed } = ran
    const beside = new Map([...filesOf({ played, settings, bill }), ...(pairing ? pairFiles(pairing) : [])])
    const report = reportOf({
      runs: played
        .map(runOf)
        .toSorted((one, other) => one.case.localeCompare(other.case) || (one.ip ?? 0) - (other.ip ?? 0)),
      pairwise: pairing && pairwiseOf(profile, pairing),
      system: {
        ...{ ...release, ...machine(), profile, configuration: sha256(beside.get(CONFIGURATION) ?? '') },
        ...(bill !== undefined && { bill: sha256(bill) }),
        ...(clock && { clock }),
        ...(outside && { reached: reachedOf(outside) }),
      },
      ...{ now: now(), part, settings, unplayed, attachments: listed(beside) },
      // Those of a gateway that runs are not known.
      limits: outside ? [] : limitsOf(settings),
    })
    const { signedBy } = await writeReport(folder, report, beside, keyFile)
    const failed = played.filter(({ outcome }) => outcome.kind !== 'pass' && outcome.kind !== 'peer-violation')
    const failedPairs = (pairing?.pairs ?? []).flatMap(({ peer, runs }) =>
      runs.filter(isFailure).map((failure) => ({ peer, ...failure })),
    )
    output.answer(
      {
        folder,
        signedBy,
        totals: report.totals,
        failed: failed.map(({ performance, outcome }) => ({
          case: performance.testCase.id,
          ip: performance.ip,
          outcome,
        })),
        ...(pairing && { failedPairs }),
      },
      () => {
        const { totals } = report
        output.line('')
        output.line(
          tone(failed.length === 0 ? 'good' : 'bad', `${fine(played)} of ${count(report.cases, 'case')} as expected`),
          ` in ${Math.round((now() - began) / 1000)} s. Of ${count(report.verdicts.length, 'requirement')}${part ? ` in ${part.join(', ')}` : ''} ${totals.Met} are met, ${totals['Partially met']} in part, ${totals['Not met']} are not, ${totals['N/A']} do not apply${outside || unplayed.size > 0 ? `, ${totals['Not assessed']} were not assessed` : ''}.`,
        )
        output.line(`The report: ${join(folder, 'report.html')}`)
        output.line(tone('quiet', `Signed by ${signedBy}; npx sallyport conformance verify ${folder}`))
      },
    )
    return failed.length === 0 && failedPairs.length === 0 ? EXIT.fine : EXIT.finding
  },
})

function tell({ output }: CommandContext, { performance, outcome, ms }: Played, progress: string): void {
  if (output.json) return
  const { testCase, ip } = performance
  const mark = outcome.kind === 'pass' ? tone('good', '✔') : tone('bad', '✘')
  output.line(tone('quiet', progress.padStart(7)), ' ', mark, ` ${testCase.id} `, tone('quiet', `IPv${ip}, ${ms} ms`))
  if ('detail' in outcome) output.line('          ', tone('bad', `${outcome.kind}: ${outcome.detail}`))
}

/** What the settings of the instance say, or what stands by default. */
function limitsOf(settings: Readonly<Record<string, string>>): readonly Limit[] {
  const read: unknown = JSON.parse(settings['federation-config/gateway.yaml'] ?? '{}')
  const set = isObject(read) && isObject(read['limits']) ? read['limits'] : {}
  return gatewaySettings().flatMap(({ path, about, default: value = 'none' }) => {
    const [section, name] = path.split('.')
    if (section !== 'limits' || name === undefined) return []
    return [{ name, value: name in set ? JSON.stringify(set[name]) : value, about }]
  })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function profileOf(word = 'standard'): ProfileName {
  const profile = PROFILE_NAMES.find((name) => name === word)
  if (!profile) throw new UsageError(`--profile: one of ${PROFILE_NAMES.join(', ')}`, 'conformance')
  return profile
}

/** In the order of the table. */
function areasOf(words: readonly string[] | undefined): readonly string[] | undefined {
  if (words === undefined) return undefined
  const wanted = new Set(words.map((area) => area.toUpperCase()))
  const unknown = [...wanted].find((area) => !AREAS.includes(area))
  if (unknown !== undefined) throw new UsageError(`--area: no ${unknown}; there are ${AREAS.join(', ')}`, 'conformance')
  return AREAS.filter((area) => wanted.has(area))
}

const casesOf = (part: readonly string[] | undefined): typeof CASES =>
  CASES.filter(({ requirements }) => part === undefined || requirements.some((id) => part.includes(areaOf({ id }))))

/** How many cases came out as expected, however often each was played. */
function fine(played: readonly Played[]): number {
  const all = Map.groupBy(played, ({ performance }) => performance.testCase)
  return [...all.values()].filter((runs) => runs.every(({ outcome }) => outcome.kind === 'pass')).length
}

const within = ({ directory }: CommandContext, path: string): string =>
  isAbsolute(path) ? path : join(directory, path)

/** `version`: of the product. */
export const conformanceCommands = (version: string): readonly Command[] => [
  conformanceCommand(version),
  verifyCommand,
  diffCommand,
]

// `sallyport cert plan`: which certificates are needed, with which names and why, what is there already and until when, and
// what DNS and the firewall owe it. Changes nothing; without `--online` it asks nobody.

import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { OwnDomain, Settings } from '../config/settings.ts'
import { findCaa, type Caa } from '../net/caa.ts'
import { loadAnchors, withMore } from '../trust/anchors.ts'
import { nameText } from '../trust/names.ts'
import { USERS_CA } from '../trust/card/users-ca.ts'
import { dateFindings, readOwnCertificate } from '../trust/own-certificate.ts'
import { namesOf } from '../trust/request.ts'
import { isBelow, isIpLiteral, toUnicodeDomain } from '../xmpp/domain.ts'
import { chainInWords, placesOf, type ChainQuestion, type ChainWords, type Place } from './cert-words.ts'
import { askedHosts, dnsRecords, firewallRules } from './cert-plan-network.ts'
import { pendingFiles, readSettings, shown } from './cert-places.ts'
import { publishedRecords } from './check-online.ts'
import type { Checked } from './checked.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { tone, type Output } from './output.ts'
import { duration } from './text.ts'

export const certPlan: Command = {
  name: 'cert plan',
  about:
    'Which certificates our domains need, with which names and why; what is there and until when; what DNS and the firewall owe it.',
  options: { online: { about: 'Also look up what is published in DNS, CAA included.' } },
  notes: ['Exit code 1: a certificate is missing, or one that is there would be refused.'],
  async run(context) {
    const { output, arguments: words } = context
    const settings = await readSettings(context)
    const asked = await questionOf(context, settings)
    const domains: PlannedDomain[] = []
    for (const own of settings.domains) domains.push(await plannedDomain(context, own, asked))
    const hosts = askedHosts(domains.flatMap(({ places }) => places))
    const online = words.flag('online') && !settings.evaluation ? await askDns(settings) : undefined
    const plan = {
      domains,
      users: await usersCa(context, settings),
      advice: adviceFor(settings),
      dns: dnsRecords(settings),
      firewall: firewallRules(settings, hosts),
      asked: hosts,
      online,
      next: nextSteps(domains),
    }
    output.answer(plan, () => show(output, plan, context.now()))
    return domains.every(({ state }) => state === 'in place') ? EXIT.fine : EXIT.finding
  },
}

interface NeededName {
  readonly name: string
  readonly need: 'needed' | 'useful'
  readonly why: string
}

interface PlannedDomain {
  readonly domain: string
  readonly names: readonly NeededName[]
  readonly files: { readonly certificate: string; readonly key: string }
  /** `faulty`: partners would refuse it. `requested`: a key is there, and its certificate is not. */
  readonly state: 'missing' | 'requested' | 'faulty' | 'in place'
  /** The request that waits for its answer. */
  readonly pending: { readonly key: string; readonly request: string } | undefined
  readonly certificate: ChainWords | undefined
  /** The one with another kind of key. */
  readonly second: ChainWords | undefined
  readonly findings: readonly string[]
  readonly places: readonly Place[]
}

async function questionOf({ now }: CommandContext, { trust }: Settings): Promise<Omit<ChainQuestion, 'domain'>> {
  const { anchors: publicCas } = await loadAnchors('system')
  const more = trust.anchors === 'system' ? [] : [...(await loadAnchors(trust.anchors)).anchors.byFingerprint.values()]
  return {
    publicCas,
    cas: withMore(
      publicCas,
      more.map(({ raw }) => raw),
    ),
    now: now(),
  }
}

async function plannedDomain(
  context: CommandContext,
  own: OwnDomain,
  asked: Omit<ChainQuestion, 'domain'>,
): Promise<PlannedDomain> {
  const { domain } = own
  const waiting = pendingFiles(own)
  const [hasCertificate, hasKey, hasPending] = [
    await isThere(own.certFile),
    await isThere(own.keyFile),
    await isThere(waiting.key),
  ]
  const { chains, findings } = await readOwnCertificate(own)
  const [certificate, second] = chains.map(
    ({ chain: [leaf, ...others] }) => leaf && chainInWords([leaf, ...others], { ...asked, domain }),
  )
  const all = hasCertificate ? [...findings, ...dateFindings(domain, chains, asked.now)] : []
  const wrong = all.some(({ severity }) => severity === 'error')
  return {
    domain,
    names: neededNames(domain),
    files: { certificate: shown(context, own.certFile), key: shown(context, own.keyFile) },
    state: hasCertificate ? (wrong ? 'faulty' : 'in place') : hasKey || hasPending ? 'requested' : 'missing',
    pending: await pendingOf(context, hasPending ? waiting : { key: own.keyFile, request: firstRequest(own) }),
    certificate,
    second,
    findings: all.map(({ message }) => message),
    places: chains.flatMap(({ chain }) => placesOf(chain)),
  }
}

/** The request that `quickstart` made, for the key that is in its place already. */
const firstRequest = ({ keyFile }: OwnDomain): string => join(dirname(keyFile), 'request.csr')

async function pendingOf(
  context: CommandContext,
  { key, request }: NonNullable<PlannedDomain['pending']>,
): Promise<PlannedDomain['pending']> {
  return (await isThere(request)) ? { key: shown(context, key), request: shown(context, request) } : undefined
}

const isThere = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined

function neededNames(domain: string): readonly NeededName[] {
  const [dns, srv] = namesOf(domain, { srv: !isIpLiteral(domain), xmppAddr: false }).map(nameText)
  return [
    {
      name: dns!,
      need: 'needed',
      why: 'partners ask for this domain, and every server reads DNS names (RFC 6120 §13.7.1.2)',
    },
    ...(srv === undefined
      ? []
      : [
          {
            name: srv,
            need: 'useful' as const,
            why: 'it says that the certificate is for XMPP between servers; a CA of your own issues it, public CAs do not',
          },
        ]),
  ]
}

function adviceFor({ domains }: Settings): readonly string[] {
  const names = domains.map(({ domain }) => domain)
  const [first = ''] = names
  const parents = names.filter((name) => names.some((other) => isBelow(other, name)))
  return [
    'Names count, the common name (CN) does not: partners ignore it (RFC 9525 §2).',
    `The name of the host that SRV records lead to needs no certificate: partners ask for ${first}, wherever it is served.`,
    parents.length > 0
      ? `A wildcard such as *.${parents[0]} covers ${names.find((name) => isBelow(name, parents[0]!))}, but neither ${parents[0]} itself nor names two labels below; and whoever steals its key can pose as every name that it covers. A certificate of its own for each domain is better.`
      : `A wildcard such as *.${first} would not cover ${first} itself, and whoever steals its key can pose as every name that it covers: ask for the domain.`,
    ...(names.length > 1
      ? [
          'One certificate may name several of them: let `certificate:` and `key:` of those domains name the same files.',
        ]
      : []),
    'EC P-256 with SHA-256 is read by every server of today; RSA of 3072 bits where a partner is older than that.',
    'Public CAs issue for servers of TLS only (no clientAuth): Sallyport and Prosody accept that, ejabberd 23.01 does not when we connect to it; such a partner needs a CA that both of you agree on, or dialback both ways.',
  ]
}

interface UsersCa {
  readonly file: string
  readonly state: 'missing' | 'in place'
}

/** What users with certificates are proven to the core by; undefined where none log in so. */
async function usersCa({ directory }: CommandContext, { trust }: Settings): Promise<UsersCa | undefined> {
  if (!trust.cards) return undefined
  const file = join(USERS_CA, 'ca.pem')
  return { file, state: (await isThere(join(directory, file))) ? 'in place' : 'missing' }
}

interface Online {
  readonly records: readonly Checked[]
  readonly caa: readonly (Caa & { readonly domain: string })[]
}

async function askDns(settings: Settings): Promise<Online> {
  const { dns, domains } = settings
  const caa = domains.map(async ({ domain }) => ({ domain, ...(await findCaa(domain, dns)) }))
  return { records: await publishedRecords(settings), caa: await Promise.all(caa) }
}

function nextSteps(domains: readonly PlannedDomain[]): readonly string[] {
  const steps = domains.flatMap(({ domain, state, pending }) => {
    if (state === 'in place') return []
    if (state === 'requested')
      return [`npx sallyport cert import ${domain} <what the CA answers${pending ? ` to ${pending.request}` : ''}>`]
    return [`npx sallyport cert csr ${domain}`]
  })
  return steps.length > 0 ? steps : ['npx sallyport check']
}

interface Plan {
  readonly domains: readonly PlannedDomain[]
  readonly users: UsersCa | undefined
  readonly advice: readonly string[]
  readonly dns: readonly string[]
  readonly firewall: ReturnType<typeof firewallRules>
  readonly asked: ReturnType<typeof askedHosts>
  readonly online: Online | undefined
  readonly next: readonly string[]
}

const STATES = {
  missing: ['bad', 'missing'],
  requested: ['careful', 'requested: the key is there, the certificate is not'],
  faulty: ['bad', 'there, and partners would refuse it'],
  'in place': ['good', 'in place'],
} as const

function show(output: Output, plan: Plan, now: number): void {
  for (const { domain, names, files, state, pending, certificate, second, findings } of plan.domains) {
    const unicode = toUnicodeDomain(domain)
    output.line(tone('strong', unicode === domain ? domain : `${unicode} (${domain})`))
    output.facts([
      ...names.map(({ name, need, why }) => [need, `${name}: ${why}`] as const),
      ['files', `${files.certificate}, ${files.key}`],
      ['state', tone(STATES[state][0], STATES[state][1])],
      ['request', state === 'in place' ? undefined : pending && `${pending.request}, with ${pending.key}`],
      ['has', certificate && `${certificate.names.join(', ')}; ${certificate.key}; from ${certificate.issuer}`],
      ['until', certificate && untilText(certificate, now)],
      ['beside it', second && `${second.key}, until ${untilText(second, now)}`],
      ...findings.map((message) => ['finding', tone('careful', message)] as const),
    ])
    output.line()
  }
  if (plan.users) {
    const { file, state } = plan.users
    output.line(tone('strong', 'Remote users who log in by certificate'))
    output.facts([
      ['file', file],
      ['state', state === 'missing' ? tone('careful', 'missing: the next start makes it') : tone('good', state)],
      ['core', 'its client port is to trust this CA and nothing else; whoever has the key is every user there'],
    ])
    output.line()
  }
  output.line(tone('strong', 'What to ask a CA for'))
  for (const advice of plan.advice) output.paragraph(advice, '  ')
  output.heading('DNS')
  output.block(plan.dns.join('\n'))
  output.paragraph('Where a domain or one above it has CAA records, they must name the CA, or it will not issue.', '  ')
  if (plan.online) showOnline(output, plan.online)
  output.heading('Firewall')
  output.table(
    ['from', 'to', 'port', '', 'why'],
    plan.firewall.map(({ from, to, port, verdict, why }) => [from, to, port, verdict, why]),
  )
  output.heading('Then')
  output.block(plan.next.join('\n'))
}

function untilText({ notAfter }: ChainWords, now: number): string {
  const left = Date.parse(notAfter) - now
  return left < 0 ? `${notAfter.slice(0, 10)}, expired` : `${notAfter.slice(0, 10)}, another ${duration(left)}`
}

function showOnline(output: Output, { records, caa }: Online): void {
  output.heading('DNS, as it is published')
  for (const { severity, subject, message } of records)
    output.line(
      '  ',
      tone(severity === 'ok' ? 'good' : severity === 'error' ? 'bad' : 'careful', severity),
      `  ${subject}: ${message}`,
    )
  for (const one of caa) {
    const said = one.found
      ? `CAA at ${one.at}: only ${one.issue.length === 0 ? 'nobody' : one.issue.join(', ')} may issue`
      : one.detail
    output.line('  ', `${one.domain}: ${said}`)
  }
}

// `sallyport cert show`: what partners see of a domain of ours, looked at from outside at each listener; or what lies in
// its files; or what is in any file.

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ListenAddress, OwnDomain, Settings } from '../config/settings.ts'
import { look, type Look } from '../net/look.ts'
import { withMore, loadAnchors } from '../trust/anchors.ts'
import { readCertificate, type Certificate } from '../trust/certificate.ts'
import { readHandout } from '../trust/handout.ts'
import { dateFindings, readOwnCertificate } from '../trust/own-certificate.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { chainInWords, isRefusable, showChain, type ChainQuestion, type ChainWords } from './cert-words.ts'
import { ownDomain, readPassphrase, readSettings, shown } from './cert-places.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { CommandError } from './errors.ts'
import { tone, type Cell } from './output.ts'
import { hostPort } from './quickstart-plan.ts'

/** Who looks: nobody, and the log of the gateway names it. RFC 6761 §6.4 */
const VISITOR = 'cert-show.invalid'

export const certShow: Command = {
  name: 'cert show',
  about:
    'What partners see of a domain of ours, at every listener, with and without SNI, by version of TLS; or what is in a file.',
  positionals: [{ name: 'domain or file', about: 'one of `domains:`, or a file with certificates' }],
  options: {
    files: { about: 'Look at the files of the domain only; no gateway needs to run.' },
    'passphrase-file': { value: 'FILE', about: 'The passphrase of a PKCS#12 file: the first line counts.' },
  },
  notes: [
    `The gateway's log shows the visits as streams from ${VISITOR} that end after TLS.`,
    'Exit code 1: a listener shows nothing, or something that every partner refuses.',
  ],
  async run(context) {
    const typed = context.arguments.required('domain or file')
    const settings = await readSettings(context).catch((error: unknown) => error)
    const file = resolve(typed)
    const isOurs = isSettings(settings) && settings.domains.some(({ domain }) => domain === parseDomain(typed))
    if (!isOurs && (await stat(file).catch(() => undefined))?.isFile() === true) return showFile(context, typed, file)
    if (!isSettings(settings)) throw settings
    const own = ownDomain(settings, typed)
    return context.arguments.flag('files') ? showOwnFiles(context, settings, own) : showAsSeen(context, settings, own)
  },
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && 'domains' in value && 'listen' in value

async function question(
  { now }: CommandContext,
  settings: Settings | undefined,
  domain?: string,
): Promise<ChainQuestion> {
  const { anchors: publicCas } = await loadAnchors('system')
  const configured = settings?.trust.anchors ?? 'system'
  const more = configured === 'system' ? [] : [...(await loadAnchors(configured)).anchors.byFingerprint.values()]
  return {
    domain,
    publicCas,
    cas: withMore(
      publicCas,
      more.map(({ raw }) => raw),
    ),
    now: now(),
  }
}

async function showFile(context: CommandContext, name: string, file: string): Promise<number> {
  const { output } = context
  const handout = readHandout([{ name, octets: await readFile(file) }], await readPassphrase(context))
  if ('fault' in handout) throw new CommandError('bad-input', handout.fault, handout.act)
  const all = handout.certificates.map(({ what }) => what)
  const asked = await question(context, undefined)
  const certificates = all.map((one) => chainInWords([one, ...all.filter((other) => other !== one)], asked))
  const keys = handout.keys.map(({ what: key }) => {
    const of = all.findIndex((one) => one.x509.checkPrivateKey(key))
    return { kind: key.asymmetricKeyType ?? 'unknown', of: of < 0 ? undefined : of + 1 }
  })
  output.answer({ file: name, certificates, keys }, () => {
    output.line(tone('strong', name))
    for (const [at, words] of certificates.entries()) {
      output.heading(`Certificate ${at + 1}`)
      showChain(output, { ...words, chain: [] }, asked)
    }
    if (keys.length > 0) output.heading('Keys')
    for (const { kind, of } of keys)
      output.line('  ', kind, of === undefined ? ', of none of these certificates' : `, of certificate ${of}`)
  })
  return EXIT.fine
}

async function showOwnFiles(context: CommandContext, settings: Settings, own: OwnDomain): Promise<number> {
  const { output, now } = context
  const { chains, findings } = await readOwnCertificate(own)
  const asked = await question(context, settings, own.domain)
  const certificates = chains.flatMap(({ certFile, chain: [leaf, ...others] }) =>
    leaf ? [{ file: shown(context, certFile), ...chainInWords([leaf, ...others], asked) }] : [],
  )
  const all = [...findings, ...dateFindings(own.domain, chains, now())]
  output.answer({ domain: own.domain, certificates, findings: all }, () => {
    output.line(tone('strong', `${own.domain}, as it lies on disk`))
    for (const words of certificates) {
      output.heading(words.file)
      showChain(output, words, asked)
    }
    if (all.length > 0) output.line()
    for (const { severity, file, message } of all)
      output.line(
        '  ',
        tone(severity === 'error' ? 'bad' : 'careful', severity),
        `  ${shown(context, file)}: ${message}`,
      )
  })
  return certificates.length === 0 || all.some(({ severity }) => severity === 'error') ? EXIT.finding : EXIT.fine
}

interface Seen {
  readonly at: string
  readonly tls: 'starttls' | 'direct'
  readonly sni: boolean
  readonly version: string
  /** Which signatures the visitor says that it verifies. */
  readonly verifies: 'all' | 'RSA'
  /** What was seen there. */
  readonly result:
    | {
        readonly certificate: number
        readonly cipher: string
        readonly group: string | undefined
        readonly staple: boolean
      }
    | { readonly reason: string; readonly detail: string }
}

async function showAsSeen(context: CommandContext, settings: Settings, own: OwnDomain): Promise<number> {
  const { output } = context
  const asked = await question(context, settings, own.domain)
  const chains = new Map<string, ChainWords>()
  const seen: Seen[] = []
  const onDisk = (await readOwnCertificate(own)).chains.flatMap(({ chain: [leaf] }) => leaf ?? [])
  // Of two, peers are shown the one that they can verify: then those are asked for too who verify RSA only.
  const peers = onDisk.length > 1 ? [false, true] : [false]
  for (const listener of settings.listen.federation) {
    for (const sni of [true, false]) {
      for (const [version, rsaOnly] of peers.flatMap((rsa) => [['TLSv1.3', rsa] as const, ['TLSv1.2', rsa] as const])) {
        const { host, port } = reachable(listener)
        const { tls } = listener
        const way = { host, port, tls, sni, version, rsaOnly, domain: own.domain, from: VISITOR }
        const looked = await look({ ...way, timeoutMs: settings.limits.connectMs })
        const result = resultOf(looked, chains, asked)
        seen.push({ at: hostPort({ host, port }), tls, sni, version, verifies: rsaOnly ? 'RSA' : 'all', result })
      }
    }
  }
  const certificates = [...chains.values()]
  const refused = seen.filter(({ result }) => isRefused(result, certificates, own.domain))
  const notes = notesOn({ own, settings, certificates, onDisk, nameless: refused.some(isNameless) })
  output.answer({ domain: own.domain, seen, certificates, notes }, () => {
    output.line(tone('strong', `${own.domain}, as partners see it`))
    output.line()
    output.table(
      ['where', 'TLS begins', 'SNI', 'version', 'verifies', 'shows', 'staple', 'cipher', 'group'],
      seen.map(({ at, tls, sni, version, verifies, result }) => [
        ...[at, tls, sni ? 'yes' : 'no', version, verifies],
        ...cells(result),
      ]),
    )
    for (const [index, words] of certificates.entries()) {
      output.heading(`Certificate ${index + 1}`)
      showChain(output, words, asked)
    }
    if (notes.length > 0) output.line()
    for (const note of notes) output.line('  ', tone('careful', note))
  })
  return refused.every(isNameless) ? EXIT.fine : EXIT.finding
}

function isRefused(result: Seen['result'], certificates: readonly ChainWords[], domain: string): boolean {
  const words = 'certificate' in result ? certificates[result.certificate - 1] : undefined
  return words === undefined || isRefusable(words, domain)
}

/** Begins with TLS and says no name, so that it cannot be shown the right one but by chance. XEP-0368 §4 asks for SNI. */
const isNameless = ({ tls, sni, result }: Seen): boolean => tls === 'direct' && !sni && 'certificate' in result

/** Where a listener is reached from this machine: one that takes all addresses, on loopback. */
function reachable({ host, port }: ListenAddress): { readonly host: string; readonly port: number } {
  if (host === undefined || host === '0.0.0.0') return { host: '127.0.0.1', port }
  return { host: host === '::' ? '::1' : host, port }
}

function resultOf(looked: Look, chains: Map<string, ChainWords>, asked: ChainQuestion): Seen['result'] {
  if (!looked.ok) return { reason: looked.reason, detail: looked.detail }
  const read = looked.chain.map((der) => readCertificate(der)).filter((one) => typeof one !== 'string')
  const [leaf, ...others] = read
  if (!leaf) return { reason: 'SP-361', detail: 'no certificate was shown' }
  const key = read.map(({ fingerprint }) => fingerprint).join(' ')
  if (!chains.has(key)) chains.set(key, chainInWords([leaf, ...others], asked))
  const certificate = [...chains.keys()].indexOf(key) + 1
  const { cipher, group } = looked.tls
  return { certificate, cipher, group, staple: looked.staple !== undefined }
}

function cells(result: Seen['result']): readonly Cell[] {
  if ('reason' in result) return [tone('bad', result.reason), '', result.detail, '']
  const { certificate, staple, cipher, group } = result
  return [`certificate ${certificate}`, staple ? 'yes' : 'no', cipher, group ?? 'unknown']
}

interface Noted {
  readonly own: OwnDomain
  readonly settings: Settings
  readonly certificates: readonly ChainWords[]
  readonly onDisk: readonly Certificate[]
  /** Is another domain's shown to who names none? */
  readonly nameless: boolean
}

function notesOn({ own, settings, certificates, onDisk, nameless }: Noted): readonly string[] {
  const notes: string[] = []
  const fingerprints = new Set(certificates.map(({ fingerprint }) => fingerprint))
  if (certificates.length === 0)
    notes.push('nothing was seen: is the gateway running? `--files` looks at the files alone')
  if (onDisk.length > 0 && certificates.length > 0 && !onDisk.some((one) => fingerprints.has(one.fingerprint)))
    notes.push(
      `the gateway shows another certificate than ${own.certFile} holds: \`sallyport status\` and its log say why`,
    )
  if (nameless)
    notes.push('who begins with TLS and says no name (SNI) is shown that of another domain: XEP-0368 asks for SNI')
  if (settings.listen.federation.some(({ proxyProtocol }) => proxyProtocol.length > 0))
    notes.push('a listener is behind balancers: what they do with TLS is only seen from outside')
  return notes
}

// What one file came to: gateway.yaml, policy.yaml, or one partner's file. A faulty file gives its findings, and as much of its
// content as is needed to check the others against it.

import { basename } from 'node:path'
import type { Partner } from '../policy/partner.ts'
import type { Policy } from '../policy/remote/grants.ts'
import { check, findingAt, part } from './check.ts'
import type { Finding } from './finding.ts'
import { GatewaySchema, type GatewayFile } from './gateway-schema.ts'
import { PartnerSchema, toPartner } from './partner-schema.ts'
import { checkPolicy } from './policy-checks.ts'
import { NO_POLICY, PolicySchema, toPolicy } from './policy-schema.ts'
import { toSettings, type Settings } from './settings.ts'
import { DOMAIN } from './values.ts'
import { readYaml, type YamlFile } from './yaml.ts'

export interface GatewayReading {
  readonly yaml: YamlFile | undefined
  /** Undefined while the file is faulty. */
  readonly settings: Settings | undefined
  readonly draft: GatewayDraft
  readonly findings: readonly Finding[]
}

/** The parts of gateway.yaml that other parts are held against; each undefined where it is faulty itself. */
export interface GatewayDraft {
  readonly domains: readonly string[] | undefined
  readonly protocol: GatewayFile['core']['protocol'] | undefined
  readonly tls: GatewayFile['core']['tls']
  readonly plaintextNetworks: GatewayFile['core']['plaintextNetworks']
  readonly address: GatewayFile['core']['address'] | undefined
  readonly networks: GatewayFile['core']['networks'] | undefined
  readonly federation: GatewayFile['listen']['federation'] | undefined
  readonly core: GatewayFile['listen']['core'] | undefined
  readonly remote: GatewayFile['listen']['remote'] | undefined
  readonly admin: GatewayFile['listen']['admin'] | undefined
  readonly clients: GatewayFile['core']['clients']
  readonly limits: GatewayFile['limits'] | undefined
  readonly profile: GatewayFile['federation']['profile'] | undefined
  readonly mode: GatewayFile['federation']['mode'] | undefined
  readonly fips: GatewayFile['federation']['fips']
  readonly required: GatewayFile['federation']['required'] | undefined
  readonly classes: GatewayFile['federation']['classes'] | undefined
  readonly anchors: GatewayFile['trust']['anchors'] | undefined
  readonly certificateChange: GatewayFile['trust']['certificateChange'] | undefined
  readonly cards: GatewayFile['trust']['cards'] | undefined
  readonly notice: GatewayFile['administration']['notice']
  /** How many servers the log goes to. */
  readonly logServers: number | undefined
  readonly evaluation: boolean
}

export interface PolicyReading {
  readonly yaml: YamlFile | undefined
  /** Undefined while the file is faulty. */
  readonly policy: Policy | undefined
  readonly findings: readonly Finding[]
}

export interface PartnerReading {
  /** The name of the file, without directories. */
  readonly name: string
  /** What it says; undefined where it cannot be read. */
  readonly text: string | undefined
  readonly yaml: YamlFile | undefined
  /** Undefined while the file is faulty. */
  readonly partner: Partner | undefined
  readonly findings: readonly Finding[]
}

/** Where a file is, and how it is called to the operator. */
export interface Place {
  readonly file: string
  /** The directory that holds `federation-config/`, `certs/` and `var/`. */
  readonly root: string
}

const core = GatewaySchema.shape.core.shape
const listen = GatewaySchema.shape.listen.unwrap().shape
const federation = GatewaySchema.shape.federation.unwrap().shape
const trust = GatewaySchema.shape.trust.unwrap().shape

/** The text of gateway.yaml → its reading. */
export function readGateway(text: string, place: Place): GatewayReading {
  const { yaml, findings } = readYaml(text, place.file)
  if (yaml === undefined) return { yaml, settings: undefined, draft: NO_DRAFT, findings }
  if (yaml.value === null) return { yaml, settings: undefined, draft: NO_DRAFT, findings: [empty(place.file)] }
  const checked = check(GatewaySchema, yaml)
  const domains = part(GatewaySchema.shape.domains, yaml.value, 'domains')
  const draft: GatewayDraft = {
    domains: domains && Object.keys(domains),
    protocol: part(core.protocol, yaml.value, 'core', 'protocol'),
    tls: part(core.tls, yaml.value, 'core', 'tls'),
    plaintextNetworks: part(core.plaintextNetworks, yaml.value, 'core', 'plaintextNetworks'),
    address: part(core.address, yaml.value, 'core', 'address'),
    networks: part(core.networks, yaml.value, 'core', 'networks'),
    federation: part(listen.federation, yaml.value, 'listen', 'federation'),
    core: part(listen.core, yaml.value, 'listen', 'core'),
    remote: part(listen.remote, yaml.value, 'listen', 'remote'),
    admin: part(listen.admin, yaml.value, 'listen', 'admin'),
    clients: part(core.clients, yaml.value, 'core', 'clients'),
    limits: part(GatewaySchema.shape.limits, yaml.value, 'limits'),
    profile: part(federation.profile, yaml.value, 'federation', 'profile'),
    mode: part(federation.mode, yaml.value, 'federation', 'mode'),
    fips: part(federation.fips, yaml.value, 'federation', 'fips'),
    required: part(federation.required, yaml.value, 'federation', 'required'),
    classes: part(federation.classes, yaml.value, 'federation', 'classes'),
    anchors: part(trust.anchors, yaml.value, 'trust', 'anchors'),
    certificateChange: part(trust.certificateChange, yaml.value, 'trust', 'certificateChange'),
    cards: part(trust.cards, yaml.value, 'trust', 'cards'),
    notice: part(GatewaySchema.shape.administration, yaml.value, 'administration')?.notice,
    logServers: part(GatewaySchema.shape.log, yaml.value, 'log')?.servers.length,
    evaluation: part(GatewaySchema.shape.evaluation, yaml.value, 'evaluation') ?? false,
  }
  const settings = checked.value && toSettings(checked.value, place.root)
  return { yaml, settings, draft, findings: checked.findings }
}

/** The text of policy.yaml → its reading. */
export function readPolicy(text: string, place: Place): PolicyReading {
  const { yaml, findings } = readYaml(text, place.file)
  if (yaml === undefined) return { yaml, policy: undefined, findings }
  if (yaml.value === null) return NO_POLICY_FILE
  const checked = check(PolicySchema, yaml)
  const policy = checked.value && toPolicy(checked.value, yaml, place.root)
  return { yaml, policy, findings: [...checked.findings, ...(policy ? checkPolicy(yaml, policy) : [])] }
}

/** Where there is no such file, or nothing in it. */
export const NO_POLICY_FILE: PolicyReading = { yaml: undefined, policy: NO_POLICY, findings: [] }

/** The text of a partner's file → its reading. */
export function readPartner(text: string, place: Place): PartnerReading {
  const name = basename(place.file)
  const { yaml, findings } = readYaml(text, place.file)
  if (yaml === undefined) return { name, text, yaml, partner: undefined, findings }
  if (yaml.value === null) return { name, text, yaml, partner: undefined, findings: [empty(place.file)] }
  const checked = check(PartnerSchema, yaml)
  const domain = part(PartnerSchema.shape.domain, yaml.value, 'domain')
  const misnamed = domain === undefined ? [] : nameFindings(name, domain, yaml)
  const partner = checked.value && misnamed.length === 0 ? toPartner(checked.value, place.root) : undefined
  return {
    name,
    text,
    yaml,
    partner,
    findings: [...checked.findings, ...misnamed, ...repeatedNames(checked.value, yaml)],
  }
}

/** A file that could not be read at all. */
export function unreadable(file: string, problem: string): Finding {
  return { severity: 'error', file, line: undefined, path: '', message: problem }
}

export const NO_DRAFT: GatewayDraft = {
  domains: undefined,
  protocol: undefined,
  tls: undefined,
  plaintextNetworks: undefined,
  address: undefined,
  networks: undefined,
  federation: undefined,
  core: undefined,
  remote: undefined,
  admin: undefined,
  clients: undefined,
  limits: undefined,
  profile: undefined,
  mode: undefined,
  fips: undefined,
  required: undefined,
  classes: undefined,
  anchors: undefined,
  certificateChange: undefined,
  cards: undefined,
  notice: undefined,
  logServers: undefined,
  evaluation: false,
}

const empty = (file: string): Finding => unreadable(file, 'empty; write settings as lines of name: value')

/** The file is named after its domain, so that one can be found by the other and no domain has two files. */
function nameFindings(name: string, domain: string, yaml: YamlFile): readonly Finding[] {
  if (name === `${domain}.yaml`) return []
  const named = DOMAIN.read(name.replace(/\.yaml$/, ''))
  const message =
    named === domain
      ? `the file is to be named ${domain}.yaml, in lower case and with A-labels`
      : `the file is named ${name}; name it ${domain}.yaml, or correct the domain`
  return [findingAt(yaml, ['domain'], message)]
}

function repeatedNames(
  read: { readonly domain: string; readonly alsoKnownAs: readonly string[] } | undefined,
  yaml: YamlFile,
) {
  if (read === undefined) return []
  return read.alsoKnownAs.flatMap((name, index) => {
    if (name !== read.domain && read.alsoKnownAs.indexOf(name) === index) return []
    return [
      findingAt(yaml, ['alsoKnownAs', index], `${name} stands in this file twice; once is enough`, {
        severity: 'warning',
      }),
    ]
  })
}

// The part of policy.yaml that says which groups are read from directories (LDAP), and how these are reached.

import * as z from 'zod'
import type { Directory } from '../policy/directory.ts'
import { duration, file, flag, neverEmpty, oneOf, say, section, text, written } from './fields.ts'
import type { PathStep } from './finding.ts'
import { GROUP } from './policy-values.ts'
import { DOMAIN, HOST_PORT, isLoopback, type HostPort, type Written } from './values.ts'
import type { YamlFile } from './yaml.ts'

const MAX_DIRECTORIES = 20
const MAX_GROUPS = 200

/** `dc1.corp.internal:636`. */
const ADDRESS: Written<HostPort> = {
  how: 'write host:port, such as dc1.corp.internal:636',
  read: (words) => HOST_PORT.read(words),
  hint: (words) => (/^ldaps?:/.test(words) ? 'write host:port alone, such as dc1.corp.internal:636' : undefined),
}

/** A filter of RFC 4515, as far as its brackets tell. */
export const FILTER: Written<string> = {
  how: 'write a filter in brackets, such as (memberOf=cn=staff,ou=groups,dc=corp,dc=example)',
  read(words) {
    let open = 0
    const brackets = [...words.matchAll(/[()]/g)]
    for (const { 0: bracket, index } of brackets) {
      open += bracket === '(' ? 1 : -1
      if (open < 0 || (open === 0 && index < words.length - 1)) return undefined
    }
    return open === 0 && words.startsWith('(') && words.length > 2 ? words : undefined
  },
}

const ATTRIBUTE: Written<string> = {
  how: 'write the name of an attribute, such as mail',
  read: (words) => (/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(words) ? words : undefined),
}

const TRUST = 'write a PEM file with the CA of the directory, or a list of up to 20'

/** The name of an entry. */
const PLACE: Written<string> = {
  how: 'write the place to search, such as ou=people,dc=corp,dc=example',
  read: (words) => (/^[A-Za-z0-9.-]+ *=[^\p{Cc}]+$/u.test(words) ? words : undefined),
}

const Group = section(
  {
    filter: written(FILTER).describe(
      'Whom the search finds (RFC 4515). For Active Directory, groups within groups included: (memberOf:1.2.840.113556.1.4.1941:=cn=staff,ou=groups,dc=corp,dc=example).',
    ),
    base: written(PLACE).optional().describe('Where it is searched; that of the directory where it is left out.'),
    attribute: written(ATTRIBUTE)
      .optional()
      .describe('Which attribute has the addresses; that of the directory where it is left out.'),
    mayShrink: flag()
      .default(false)
      .describe(
        'Believe an answer without any members, or with less than half of ten or more; otherwise the last known stay, and it is told.',
      ),
    purpose: text().optional().describe('Why it exists.'),
  },
  'write { filter: "(memberOf=cn=staff,ou=groups,dc=corp,dc=example)" }',
)

const DirectorySection = section(
  {
    address: written(ADDRESS).describe('Where it is asked, host:port.'),
    tls: oneOf(['direct', 'starttls', 'none'])
      .default('direct')
      .describe('How TLS begins: direct (LDAPS), or starttls. none: plaintext, to loopback only.')
      .meta(neverEmpty('write direct or starttls')),
    trust: z
      .union([file('a PEM file'), z.array(file('a PEM file')).min(1, { error: TRUST }).max(20, { error: TRUST })], {
        error: TRUST,
      })
      .optional()
      .describe('The PEM files with the CAs that vouch for it; its certificate must prove the host of `address`.'),
    bind: text().optional().describe('As whom it is asked (a DN); as nobody where it is left out.'),
    passwordFile: file('the file with the password').optional().describe('The file with the password for that.'),
    base: written(PLACE).describe('Where groups are searched that name no other place.'),
    attribute: written(ATTRIBUTE)
      .default('mail')
      .describe('The attribute whose values are the addresses of users.')
      .meta(neverEmpty('write an attribute')),
    domain: written(DOMAIN)
      .optional()
      .describe('Put behind values that are names without @, such as those of sAMAccountName or uid.'),
    refresh: duration('1s', '1d').prefault('5m').describe('How often it is read again.'),
    timeout: duration('1s', '2m').prefault('15s').describe('Time to read one group.'),
    groups: z
      .record(written(GROUP), Group, { error: say('write each group below its name') })
      .refine((all) => Object.keys(all).length <= MAX_GROUPS, { error: `write at most ${MAX_GROUPS} groups` })
      .describe('Groups by name; rules, walls and grants name them like those of `groups:`.'),
  },
  'write address:, trust:, base: and groups: below the name of the directory',
).superRefine(({ address, tls, trust, bind, passwordFile }, context) => {
  const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', message, path: [key] })
  // SECURITY: whoever can answer in the directory's place decides who is in a group.
  if (tls === 'none' && !isLoopback(address.host))
    complain('tls', 'in plaintext a directory is asked on loopback only; write direct or starttls')
  if (tls === 'none' && trust !== undefined) complain('trust', 'there is nothing to prove without TLS; take it out')
  if (tls !== 'none' && trust === undefined)
    complain('trust', 'missing; write a PEM file with the CA that vouches for the directory')
  if (bind !== undefined && passwordFile === undefined)
    complain('passwordFile', 'missing; write the file with the password of bind:')
  if (bind === undefined && passwordFile !== undefined) complain('bind', 'missing; write as whom the password is shown')
})

export const DirectoriesField = z
  .record(written(GROUP), DirectorySection, { error: 'write each directory below its name' })
  .refine((all) => Object.keys(all).length <= MAX_DIRECTORIES, {
    error: `write at most ${MAX_DIRECTORIES} directories`,
  })
  .prefault({})
  .describe('Directories (LDAP) from which the members of groups are read, by name.')
  .meta({
    example: {
      ad: {
        address: 'dc1.corp.internal:636',
        trust: 'certs/corp-ca.pem',
        bind: 'cn=sallyport,ou=services,dc=corp,dc=example',
        passwordFile: 'certs/ad.password',
        base: 'ou=people,dc=corp,dc=example',
        groups: { staff: { filter: '(memberOf=cn=staff,ou=groups,dc=corp,dc=example)' } },
      },
    },
  })

/** A checked file → the directories. `path`: makes the names of files whole. */
export function toDirectories(
  read: z.output<typeof DirectoriesField>,
  { file: name, lineOf }: YamlFile,
  path: (file: string) => string,
): readonly Directory[] {
  return Object.entries(read).map(([directory, one]) => ({
    name: directory,
    ...one.address,
    tls: one.tls,
    trust: [one.trust ?? []].flat().map((pem) => path(pem)),
    bind: one.bind === undefined ? undefined : { dn: one.bind, passwordFile: path(one.passwordFile ?? '') },
    refreshMs: one.refresh,
    timeoutMs: one.timeout,
    groups: Object.entries(one.groups).map(([group, { filter, base, attribute, mayShrink }]) => {
      const steps: readonly PathStep[] = ['directories', directory, 'groups', group]
      return {
        ...{ name: group, base: base ?? one.base, filter, attribute: attribute ?? one.attribute, mayShrink },
        domain: one.domain,
        place: { file: name, line: lineOf(steps, 'key'), path: steps.join('.') },
      }
    }),
  }))
}

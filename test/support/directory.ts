// A directory with users and groups, groups within groups too, as an organisation has it: LDAPS on port 636, STARTTLS and
// plaintext on port 389.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Attribute, Change, Client } from 'ldapts'
import { issue, makeCa, writeAnchors, writeIdentity, type Issued } from './pki.ts'
import type { Cleanup, Log, Program } from './program.ts'
import { startSlapd } from './slapd.ts'

export const NAME = 'ldap.corp.example'
export const BASE = 'ou=people,o=lab'
export const PASSWORD = 'correct horse'
export const AS = 'cn=sallyport,o=lab'

/** Whoever is in the group, by way of others too. */
export const inGroup = (group: string): string => `(memberOf=cn=${group},ou=groups,o=lab)`

export interface DirectoryOptions {
  readonly folder: string
  readonly host: string
  /** `uid` → values of `mail`. */
  readonly people: Readonly<Record<string, readonly string[]>>
  /** Group → uids, and groups by `@` before their names. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Further entries. */
  readonly more?: readonly string[]
  /** Further lines of its configuration. */
  readonly own?: readonly string[]
}

export class TestDirectory {
  readonly ca: Issued
  /** The CA, in PEM. */
  readonly trust: string
  readonly passwordFile: string
  readonly #t: Cleanup
  readonly #o: DirectoryOptions
  #program: Program

  private constructor(t: Cleanup, o: DirectoryOptions, ca: Issued, program: Program) {
    this.#t = t
    this.#o = o
    this.ca = ca
    this.trust = join(o.folder, 'ca.pem')
    this.passwordFile = join(o.folder, 'password')
    this.#program = program
  }

  static async start(t: Cleanup, o: DirectoryOptions): Promise<TestDirectory> {
    const ca = await makeCa()
    const identity = await issue({ ca, names: [NAME, o.host] })
    await writeIdentity(join(o.folder, 'tls'), identity)
    await writeAnchors(join(o.folder, 'ca.pem'), ca)
    await writeFile(join(o.folder, 'password'), `${PASSWORD}\n`, { mode: 0o600 })
    return new TestDirectory(t, o, ca, await run(t, o))
  }

  get log(): Log {
    return this.#program.log
  }

  async stop(): Promise<void> {
    this.#program.kill('SIGTERM')
    await this.#program.exited
  }

  async again(): Promise<void> {
    this.#program = await run(this.#t, this.#o)
  }

  join = (group: string, user: string): Promise<void> => this.#change('add', group, user)
  leave = (group: string, user: string): Promise<void> => this.#change('delete', group, user)

  async #change(operation: 'add' | 'delete', group: string, user: string): Promise<void> {
    const client = new Client({ url: `ldap://${this.#o.host}:389` })
    await client.bind('cn=admin,o=lab', 'secret')
    const modification = new Attribute({ type: 'member', values: [`uid=${user},${BASE}`] })
    await client.modify(`cn=${group},ou=groups,o=lab`, new Change({ operation, modification }))
    await client.unbind()
  }
}

function run(t: Cleanup, { folder, host, people, groups, more = [], own = [] }: DirectoryOptions): Promise<Program> {
  const member = (name: string): string =>
    name.startsWith('@') ? `member: cn=${name.slice(1)},ou=groups,o=lab` : `member: uid=${name},${BASE}`
  const ldif = [
    ...['dn: o=lab', 'objectClass: organization', 'o: lab', ''],
    ...[`dn: ${AS}`, 'objectClass: organizationalRole', 'objectClass: simpleSecurityObject'],
    ...['cn: sallyport', `userPassword: ${PASSWORD}`, ''],
    ...[`dn: ${BASE}`, 'objectClass: organizationalUnit', 'ou: people', ''],
    ...['dn: ou=groups,o=lab', 'objectClass: organizationalUnit', 'ou: groups', ''],
    ...Object.entries(people).flatMap(([uid, mails]) => [
      ...[`dn: uid=${uid},${BASE}`, 'objectClass: inetOrgPerson', `uid: ${uid}`, `cn: ${uid}`, `sn: ${uid}`],
      ...mails.map((mail) => `mail: ${mail}`),
      '',
    ]),
    ...Object.entries(groups).flatMap(([group, members]) => [
      ...[`dn: cn=${group},ou=groups,o=lab`, 'objectClass: groupOfNames', `cn: ${group}`],
      ...members.map(member),
      '',
    ]),
    ...more,
  ]
  return startSlapd(t, {
    ...{ folder, host, ports: [389, 636], urls: [`ldap://${host}/`, `ldaps://${host}/`], ldif },
    schemas: ['cosine', 'inetorgperson', 'dyngroup'],
    modules: ['dynlist'],
    global: [
      `TLSCertificateFile ${join(folder, 'tls/fullchain.pem')}`,
      `TLSCertificateKeyFile ${join(folder, 'tls/privkey.pem')}`,
    ],
    own: [
      'overlay dynlist',
      'dynlist-attrset groupOfURLs memberURL member+memberOf@groupOfNames*',
      'access to attrs=userPassword by anonymous auth',
      `access to * by dn.exact="${AS}" read by * none`,
      ...own,
    ],
  })
}

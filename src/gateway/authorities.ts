// The CAs whose keys the gateway holds: the internal CA always, and the users' CA where users log in by certificate. They
// have nothing in common but that the core is to trust them, each for one purpose.

import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { openUsersCa, USERS_CA } from '../trust/card/users-ca.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import type { MintingCa } from '../trust/minting-ca.ts'

export const INTERNAL_CA = join('certs', 'internal-ca')

/** A CA of ours, and which it is. */
export interface Authority {
  readonly whose: 'internal-ca' | 'users-ca'
  readonly ca: Pick<MintingCa, 'endings' | 'findings' | 'tend'>
}

export interface AuthoritiesOptions {
  /** Holds `certs/`. */
  readonly directory: string
  now(): number
}

interface Users {
  readonly ca: MintingCa
  /** The domains it mints for. */
  readonly domains: string
}

export class Authorities {
  readonly internal: MintingCa
  readonly #o: AuthoritiesOptions
  #users: Users | undefined

  private constructor(internal: MintingCa, o: AuthoritiesOptions) {
    this.internal = internal
    this.#o = o
  }

  /** Opens those that are wanted, or makes them on first use. Without `authorities`, the findings say why and what to do. */
  static async open(
    settings: Settings,
    o: AuthoritiesOptions,
  ): Promise<{
    readonly authorities: Authorities | undefined
    readonly findings: readonly CertificateFinding[]
  }> {
    const { directory, now } = o
    const excludes = settings.domains.map(({ domain }) => domain)
    const capacity = settings.limits.mintedCertificates
    const { ca, findings } = await openInternalCa({ directory: join(directory, INTERNAL_CA), excludes, now, capacity })
    if (!ca) return { authorities: undefined, findings }
    const authorities = new Authorities(ca, o)
    const more = await authorities.follow(settings)
    return { authorities, findings: [...findings, ...more] }
  }

  /** That of users; undefined where none logs in by certificate. */
  get users(): MintingCa | undefined {
    return this.#users?.ca
  }

  /** How many certificates are kept. */
  get minted(): number {
    return this.internal.minted + (this.users?.minted ?? 0)
  }

  get all(): readonly Authority[] {
    const internal: Authority = { whose: 'internal-ca', ca: this.internal }
    return this.users ? [internal, { whose: 'users-ca', ca: this.users }] : [internal]
  }

  /**
   * The settings are these now. The findings say why users cannot log in by certificate, or what is wrong with the files of
   * their CA. Never rejects.
   */
  async follow(settings: Settings): Promise<readonly CertificateFinding[]> {
    if (!settings.trust.cards) {
      this.#users = undefined
      return []
    }
    const domains = settings.domains.map(({ domain }) => domain)
    if (this.#users?.domains === domains.join(' ')) return this.#users.ca.findings()
    const { directory, now } = this.#o
    const capacity = settings.limits.mintedCertificates
    const { ca, findings } = await openUsersCa({ directory: join(directory, USERS_CA), domains, now, capacity })
    if (ca) this.#users = { ca, domains: domains.join(' ') }
    return findings
  }
}

// Groups whose members stand in a directory (LDAP): where it is asked, as `federation-config/policy.yaml` says it, as plain data.
// Who reads them, and what is believed of an answer, is in `gateway/groups/`; rules know such groups by their names, like others.

/** A directory, and the groups that are read there. */
export interface Directory {
  readonly name: string
  /** A DNS name, which its certificate must prove, or an IP address. */
  readonly host: string
  readonly port: number
  /** How TLS begins; `none`: loopback only. */
  readonly tls: 'direct' | 'starttls' | 'none'
  /** PEM files with the CAs that vouch for it, which alone do. */
  readonly trust: readonly string[]
  /** As whom we ask; undefined: as nobody. */
  readonly bind: { readonly dn: string; readonly passwordFile: string } | undefined
  readonly refreshMs: number
  /** For reading one group, all pages included. */
  readonly timeoutMs: number
  readonly groups: readonly DirectoryGroup[]
}

/** One group: the entries that a search finds. */
export interface DirectoryGroup {
  readonly name: string
  readonly base: string
  /** RFC 4515. */
  readonly filter: string
  /** All its values are addresses of members. */
  readonly attribute: string
  /** Of values that are no addresses but names before the `@`. */
  readonly domain: string | undefined
  /** May an answer have no members, or less than half of those before? */
  readonly mayShrink: boolean
  /** Where it is written. */
  readonly place: { readonly file: string; readonly line: number | undefined; readonly path: string }
}

/** How a directory is reached, and as whom: groups that are read the same way fail together. */
export const wayTo = ({ host, port, tls, trust, bind }: Directory): string =>
  JSON.stringify([host, port, tls, trust, bind?.dn])

/**
 * What a group is: whoever asks the same gets the same members. SECURITY: of an answer only those at domains of ours are kept,
 * so with other domains of ours it is another group, which nobody has read yet.
 */
export function definitionOf(
  { host, port, tls, trust, bind }: Directory,
  { base, filter, attribute, domain }: DirectoryGroup,
  ours: readonly string[],
): string {
  return JSON.stringify([host, port, tls, trust, bind?.dn, base, filter, attribute, domain, ours.toSorted()])
}
